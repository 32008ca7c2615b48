# reprise_room(NAME SOURCES a.cpp b.cpp ROOMS base model THIRD_PARTY SQLite::SQLite3)
# One static library per room. ROOMS are the rooms it may include; THIRD_PARTY stays private to it.
function(reprise_room name)
    cmake_parse_arguments(ARG "" "" "SOURCES;ROOMS;THIRD_PARTY" ${ARGN})
    add_library(reprise_${name} STATIC ${ARG_SOURCES})
    target_include_directories(reprise_${name}
        PUBLIC ${PROJECT_SOURCE_DIR}/include
        PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    list(TRANSFORM ARG_ROOMS PREPEND reprise_)
    target_link_libraries(reprise_${name} PUBLIC reprise_options ${ARG_ROOMS} PRIVATE ${ARG_THIRD_PARTY})
endfunction()

# reprise_test(NAME SOURCES x_test.cpp ROOMS detect LABEL unit THIRD_PARTY ...)
# One executable per room, which is one ctest case with the label unit, flow or tidy: a process for each TEST would
# spend more time on starting than on testing. --gtest_filter of the executable chooses single ones.
function(reprise_test name)
    cmake_parse_arguments(ARG "" "LABEL" "SOURCES;ROOMS;THIRD_PARTY" ${ARGN})
    if(NOT ARG_LABEL)
        set(ARG_LABEL unit)
    endif()
    add_executable(${name}_test ${ARG_SOURCES})
    # A test may open its own room's private headers: "../../server/<room>/x.hpp".
    target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    # What is tested is optimised and checked as the preset says; with the tests themselves that would only take half as
    # long again to compile. They keep ASan, which what they share with the product needs. The tidy tests do their own work.
    if(REPRISE_SANITIZE AND NOT ARG_LABEL STREQUAL "tidy")
        target_compile_options(${name}_test PRIVATE -O0)
        if(REPRISE_SANITIZE STREQUAL "address")
            target_compile_options(${name}_test PRIVATE -fno-sanitize=undefined)
        endif()
    endif()
    list(TRANSFORM ARG_ROOMS PREPEND reprise_)
    target_link_libraries(${name}_test PRIVATE reprise_options ${ARG_ROOMS} ${ARG_THIRD_PARTY}
        GTest::gtest GTest::gmock GTest::gtest_main)
    # Rooms with more to test begin first, so that none is left to run alone at the end.
    list(LENGTH ARG_SOURCES cost)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600 COST ${cost})
endfunction()

# GCC 12 is wrong about two warnings at -O2; each is turned off only where it fires. Drop with GCC 13.
#   restrict              std::string's operator+ of a literal and a temporary (GCC bug 105651)
#   mismatched-new-delete coroutine frames, whose allocation Asio's awaitable takes over by both operators
function(reprise_without_gcc12_warning room warning)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(reprise_${room} PRIVATE -Wno-${warning})
    endif()
endfunction()
