# What every target of ours is compiled with. Third-party headers are SYSTEM and keep their warnings.
option(REPRISE_WERROR "Warnings in our code are errors" ON)
option(REPRISE_TESTS "Build the tests" ON)
option(REPRISE_FUZZ "Build the fuzz targets and no other test (clang only)" OFF)
option(REPRISE_BENCH "Build the benchmarks" OFF)
set(REPRISE_SANITIZE "" CACHE STRING "Empty, address (with UBSan) or thread")
set(REPRISE_WEB_DIST "${PROJECT_SOURCE_DIR}/web/dist" CACHE PATH "The built dashboard; may be missing")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(REPRISE_CCACHE ccache)
if(REPRISE_CCACHE)
    # Another clone of the same sources finds what this one compiled: paths below it count as relative.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true ${REPRISE_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json url)

add_library(reprise_options INTERFACE)
target_compile_options(reprise_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
    -Woverloaded-virtual -Wimplicit-fallthrough)
if(REPRISE_WERROR)
    target_compile_options(reprise_options INTERFACE -Werror)
endif()
# Asio and Beast are compiled once (server/base/boost_asio.cpp, server/net/boost_beast.cpp); mixing
# translation units with and without these two is undefined, so they stand here.
target_compile_definitions(reprise_options INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    _GLIBCXX_ASSERTIONS)
target_link_libraries(reprise_options INTERFACE Boost::headers Boost::json Boost::url Threads::Threads)

if(REPRISE_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
    # GCC 12 warns about std::function inside the standard library itself when it is instrumented. Three checks at
    # every pointer take it as long as all the rest: AddressSanitizer finds what two of them find, and clang checks
    # alignment where bytes are parsed (preset fuzz).
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-Wno-maybe-uninitialized -fno-sanitize=null,alignment,object-size)
    endif()
elseif(REPRISE_SANITIZE STREQUAL "thread")
    # Asio's fences are invisible to GCC 12's TSan, which warns about each.
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
    add_link_options(-fsanitize=thread)
endif()

# Coverage for libFuzzer; its main function is linked to the targets alone.
if(REPRISE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(REPRISE_MOLD mold)
if(REPRISE_MOLD)
    add_link_options(-fuse-ld=mold)
endif()
