# Yields ipsec_mb::ipsec_mb. Only where there are x86 processors.
include(PlainLibrary)
reprise_find_plain_library(ipsec_mb ipsec_mb::ipsec_mb intel-ipsec-mb.h IPSec_MB libipsec-mb-dev)
