# The libraries that come from the system. The build reads this file, and so does the installed package: a room that
# starts to use a library adds a word to its LINKS, and nothing else has to know.

# Sets in the caller: package, version, apt, pkgconfig. Of a library without a pkg-config name the sources use headers
# only, so that users of the room need not have it.
function(gatehouse_library target)
  set(rows
    # target                       find_package     version  Debian package      pkg-config
    "Threads::Threads             |Threads         |        |libc6-dev          |-pthread"
    "OpenSSL::Crypto              |OpenSSL         |3.0     |libssl-dev         |libcrypto"
    "OpenSSL::SSL                 |OpenSSL         |3.0     |libssl-dev         |libssl"
    "gatehouse_sodium             |GatehouseSodium |        |libsodium-dev      |libsodium"
    "gatehouse_utf8proc           |GatehouseUtf8proc |      |libutf8proc-dev    |libutf8proc"
    "gatehouse_crypt              |GatehouseCrypt  |        |libcrypt-dev       |libxcrypt"
    "ZLIB::ZLIB                   |ZLIB            |        |zlib1g-dev         |zlib"
    "simdjson::simdjson           |simdjson        |        |libsimdjson-dev    |simdjson"
    "gatehouse_xxhash             |GatehouseXxhash |        |libxxhash-dev      |"
    "fmt::fmt                     |fmt             |        |libfmt-dev         |fmt"
    "spdlog::spdlog               |spdlog          |        |libspdlog-dev      |spdlog"
    "SQLite::SQLite3              |SQLite3         |        |libsqlite3-dev     |sqlite3"
    "nlohmann_json::nlohmann_json |nlohmann_json   |        |nlohmann-json3-dev |"
    "gatehouse_boost              |GatehouseBoost  |1.81    |libboost1.81-dev   |")
  foreach(row IN LISTS rows)
    string(REGEX REPLACE " *\\|" ";" cells "${row}")
    list(GET cells 0 name)
    if(name STREQUAL target)
      list(POP_FRONT cells name package version apt pkgconfig)
      return(PROPAGATE package version apt pkgconfig)
    endif()
  endforeach()
  message(FATAL_ERROR "cmake/GatehouseLibraries.cmake does not say where ${target} comes from")
endfunction()

# Finds the libraries, as targets of the calling directory; sets `missing` to a sentence for each that is not there.
function(gatehouse_find_libraries)
  list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  set(missing "")
  foreach(target IN LISTS ARGN)
    if(TARGET ${target})
      continue()
    endif()
    gatehouse_library(${target})
    find_package(${package} ${version} QUIET)
    if(NOT ${package}_FOUND)
      string(REPLACE Gatehouse "" package ${package})
      list(APPEND missing "Gatehouse needs ${package}: apt install ${apt}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES missing)
  set(missing "${missing}" PARENT_SCOPE)
endfunction()
