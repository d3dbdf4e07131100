# Every library comes from the system. A missing one is named with the Debian package that has it.

macro(gatehouse_find name package)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "Gatehouse needs ${name}: apt-get install ${package}")
  endif()
endmacro()

gatehouse_find(Threads libc6-dev)
gatehouse_find(OpenSSL libssl-dev 3.0)
gatehouse_find(ZLIB zlib1g-dev)
gatehouse_find(simdjson libsimdjson-dev)
gatehouse_find(fmt libfmt-dev)
gatehouse_find(spdlog libspdlog-dev)
gatehouse_find(nlohmann_json nlohmann-json3-dev)
gatehouse_find(SQLite3 libsqlite3-dev)

# Headers only: Asio and Beast need no compiled part of Boost.
find_path(GATEHOUSE_BOOST_INCLUDE boost/beast/http/basic_parser.hpp)
if(NOT GATEHOUSE_BOOST_INCLUDE)
  message(FATAL_ERROR "Gatehouse needs Boost.Beast 1.81: apt-get install libboost1.81-dev")
endif()
add_library(gatehouse_boost INTERFACE)
target_include_directories(gatehouse_boost SYSTEM INTERFACE $<BUILD_INTERFACE:${GATEHOUSE_BOOST_INCLUDE}>)
target_link_libraries(gatehouse_boost INTERFACE Threads::Threads)
target_compile_definitions(gatehouse_boost INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
                           BOOST_BEAST_USE_STD_STRING_VIEW)
if(GATEHOUSE_SANITIZE)
  # Asio's recycled frames would hide a use after free from the sanitizers.
  target_compile_definitions(gatehouse_boost INTERFACE BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
endif()

find_library(GATEHOUSE_SODIUM_LIBRARY sodium)
find_path(GATEHOUSE_SODIUM_INCLUDE sodium.h)
if(NOT GATEHOUSE_SODIUM_LIBRARY OR NOT GATEHOUSE_SODIUM_INCLUDE)
  message(FATAL_ERROR "Gatehouse needs libsodium: apt-get install libsodium-dev")
endif()
add_library(gatehouse_sodium INTERFACE)
target_link_libraries(gatehouse_sodium INTERFACE ${GATEHOUSE_SODIUM_LIBRARY})
target_include_directories(gatehouse_sodium SYSTEM INTERFACE $<BUILD_INTERFACE:${GATEHOUSE_SODIUM_INCLUDE}>)

if(GATEHOUSE_TESTS)
  gatehouse_find(GTest libgtest-dev)
endif()
if(GATEHOUSE_BENCH)
  gatehouse_find(benchmark libbenchmark-dev)
endif()
