# One room of the library: a static library gatehouse::<name>, and its unit tests beside it.
#
#   gatehouse_module(<name> DEPENDS <rooms> LINKS <libraries, used in sources only>
#                    HEADERS <public headers> SOURCES <sources> TESTS <test sources>)
#
# Headers not listed are private to the room. tools/layering.py reads the DEPENDS line.
function(gatehouse_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS;HEADERS;SOURCES;TESTS" ${ARGN})
  list(TRANSFORM ARG_DEPENDS PREPEND gatehouse::)

  add_library(gatehouse_${name} STATIC ${ARG_SOURCES})
  add_library(gatehouse::${name} ALIAS gatehouse_${name})
  set_target_properties(gatehouse_${name} PROPERTIES
                        EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ${GATEHOUSE_VERIFY_HEADERS})
  target_sources(gatehouse_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  target_compile_features(gatehouse_${name} PUBLIC cxx_std_23)
  target_link_libraries(gatehouse_${name} PUBLIC ${ARG_DEPENDS}
                        PRIVATE $<BUILD_INTERFACE:gatehouse_warnings> ${ARG_LINKS})

  if(GATEHOUSE_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE gatehouse::${name} gatehouse_warnings ${ARG_LINKS}
                                               GTest::gmock GTest::gtest_main)
    gatehouse_discover_tests(${name}_test ${name})
  endif()
endfunction()

# Tests are found when ctest runs, so that a build does not start every test program under the sanitizers.
function(gatehouse_discover_tests target prefix)
  gtest_discover_tests(${target} TEST_PREFIX ${prefix}. NO_PRETTY_VALUES DISCOVERY_MODE PRE_TEST
                       DISCOVERY_TIMEOUT 60 PROPERTIES LABELS unit)
endfunction()

# One fuzz target: <name>.cc with LLVMFuzzerTestOneInput, linked with the given libraries. Its corpus, when there is
# one, is tests/corpora/<name without fuzz_>, and ctest replays it.
function(gatehouse_fuzz_target name)
  add_executable(${name} ${name}.cc)
  target_link_libraries(${name} PRIVATE gatehouse_warnings ${ARGN})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  string(REGEX REPLACE "^fuzz_" "" topic ${name})
  file(GLOB corpus LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/tests/corpora/${topic})
  add_test(NAME fuzz.${topic} COMMAND ${name} -runs=0 ${corpus})
  set_tests_properties(fuzz.${topic} PROPERTIES LABELS fuzz)
endfunction()
