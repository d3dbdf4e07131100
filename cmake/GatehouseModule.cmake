# One room of the library: a static library gatehouse::<name>, its unit tests beside it, and a component of the
# installed package.
#
#   gatehouse_module(<name> DEPENDS <rooms> LINKS <libraries, used in sources only>
#                    HEADERS <public headers> SOURCES <sources> TESTS <test sources>)
#
# Headers not listed are private to the room. tools/layering.py reads the DEPENDS line. LINKS are rows of
# GatehouseLibraries.cmake. A room without SOURCES is all headers.
function(gatehouse_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS;HEADERS;SOURCES;TESTS" ${ARGN})
  foreach(room IN LISTS ARG_DEPENDS)
    gatehouse_add_room(${room})
  endforeach()
  gatehouse_require(${ARG_LINKS})
  list(TRANSFORM ARG_DEPENDS PREPEND gatehouse:: OUTPUT_VARIABLE depends)

  if(ARG_SOURCES)
    add_library(gatehouse_${name} STATIC ${ARG_SOURCES})
    target_compile_features(gatehouse_${name} PUBLIC cxx_std_23)
    target_link_libraries(gatehouse_${name} PUBLIC ${depends} PRIVATE $<BUILD_INTERFACE:gatehouse_warnings>)
    gatehouse_link_privately(${name} ${ARG_LINKS})
  else()
    add_library(gatehouse_${name} INTERFACE)
    target_compile_features(gatehouse_${name} INTERFACE cxx_std_23)
    target_link_libraries(gatehouse_${name} INTERFACE ${depends})
  endif()
  add_library(gatehouse::${name} ALIAS gatehouse_${name})
  set_target_properties(gatehouse_${name} PROPERTIES
                        EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ${GATEHOUSE_VERIFY_HEADERS})
  target_sources(gatehouse_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HEADERS})
  if(GATEHOUSE_INSTALL)
    gatehouse_install_room(${name} DEPENDS ${ARG_DEPENDS} LINKS ${ARG_LINKS})
  endif()

  if(GATEHOUSE_TESTS AND ARG_TESTS)
    add_executable(${name}_test ${ARG_TESTS})
    target_link_libraries(${name}_test PRIVATE gatehouse::${name} gatehouse_warnings ${ARG_LINKS}
                                               GTest::gmock GTest::gtest_main)
    gatehouse_discover_tests(${name}_test ${name})
  endif()
endfunction()

# Adds the room, and before it the rooms that it leans on, unless that has been done.
function(gatehouse_add_room room)
  if(TARGET gatehouse_${room})
    return()
  endif()
  set(folders gatehouse/${room} gatehouse/adapters/${room})
  if(room STREQUAL gatehouse)
    set(folders gatehouse)  # the one that is all of them
  endif()
  if(EXISTS ${PROJECT_SOURCE_DIR}/gatehouse/adapters/${room}.h)
    set(folders gatehouse/adapters)  # one header among those of other servers
  endif()
  foreach(folder IN LISTS folders)
    if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
      add_subdirectory(${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/${folder})
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "Gatehouse has no room '${room}'")
endfunction()

# Finds the libraries for the calling directory, or stops and says what to install.
function(gatehouse_require)
  gatehouse_find_libraries(${ARGN})
  if(missing)
    list(JOIN missing "\n" missing)
    message(FATAL_ERROR "${missing}")
  endif()
endfunction()

# The same for what only tests and benchmarks need.
macro(gatehouse_find name package)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "Gatehouse needs ${name}: apt install ${package}")
  endif()
endmacro()

# Libraries of which only headers are used stay out of the installed package.
function(gatehouse_link_privately name)
  foreach(target IN LISTS ARGN)
    gatehouse_library(${target})
    if(NOT pkgconfig)
      set(target $<BUILD_INTERFACE:${target}>)
    endif()
    target_link_libraries(gatehouse_${name} PRIVATE ${target})
  endforeach()
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
  target_compile_options(${name} PRIVATE -fno-sanitize=fuzzer-no-link)  # what is looked for is in the library
  string(REGEX REPLACE "^fuzz_" "" topic ${name})
  file(GLOB corpus LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/tests/corpora/${topic})
  add_test(NAME fuzz.${topic} COMMAND ${name} -runs=0 ${corpus})
  set_tests_properties(fuzz.${topic} PROPERTIES LABELS fuzz)
endfunction()
