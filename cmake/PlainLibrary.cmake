# For libraries whose Debian package brings no CMake configuration: one header, one library, one target.
include_guard()
include(FindPackageHandleStandardArgs)

# reprise_find_plain_library(NAME TARGET HEADER LIBRARY PACKAGE): what a Find module of NAME has to do. PACKAGE is
# what to install where it is missing. A macro, because the result is the including module's.
macro(reprise_find_plain_library name target header library package)
    find_path(${name}_INCLUDE_DIR ${header})
    find_library(${name}_LIBRARY ${library})
    mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
    find_package_handle_standard_args(${name}
        REQUIRED_VARS ${name}_LIBRARY ${name}_INCLUDE_DIR
        REASON_FAILURE_MESSAGE "install ${package}")
    if(${name}_FOUND AND NOT TARGET ${target})
        add_library(${target} UNKNOWN IMPORTED)
        set_target_properties(${target} PROPERTIES
            IMPORTED_LOCATION ${${name}_LIBRARY}
            INTERFACE_INCLUDE_DIRECTORIES ${${name}_INCLUDE_DIR})
    endif()
endmacro()
