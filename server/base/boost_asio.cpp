// Asio is compiled here, once, for the whole program (see cmake/options.cmake).
#include <boost/asio/impl/src.hpp>
