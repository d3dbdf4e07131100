# What every translation unit of the project is compiled with. Users of the library get none of it, and a project that
# has this one inside it keeps its own launcher, output folders and job pools.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(gatehouse_warnings INTERFACE)
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

  find_program(GATEHOUSE_CCACHE ccache)
  if(GATEHOUSE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${GATEHOUSE_CCACHE})
  endif()

  # Linking under the sanitizers takes the most memory of all steps.
  set_property(GLOBAL PROPERTY JOB_POOLS link=2)
  set(CMAKE_JOB_POOL_LINK link)

  target_compile_options(gatehouse_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Werror=switch
    # Designated initialisers that leave fields at their default are the house's style.
    -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns of library code once it is inlined: shown, for it has been right, but no error. And it takes an
    # EXPECT_… under an if without braces for a dangling else.
    target_compile_options(gatehouse_warnings INTERFACE -Wno-error=maybe-uninitialized -Wno-error=restrict
                           -Wno-error=dangling-pointer -Wno-error=array-bounds -Wno-error=stringop-overflow
                           -Wno-dangling-else)
  endif()
endif()
