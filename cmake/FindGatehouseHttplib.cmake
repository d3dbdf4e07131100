# cpp-httplib as Debian compiles it, for the tests of its adapter alone. Its classes differ by what it was compiled with,
# which its .pc file says: without those definitions a program overwrites its own stack.
find_package(PkgConfig QUIET)
if(PKG_CONFIG_FOUND)
  pkg_check_modules(GATEHOUSE_HTTPLIB QUIET IMPORTED_TARGET cpp-httplib)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseHttplib REQUIRED_VARS GATEHOUSE_HTTPLIB_FOUND)

if(GatehouseHttplib_FOUND AND NOT TARGET gatehouse_cpp_httplib)
  add_library(gatehouse_cpp_httplib INTERFACE IMPORTED)
  target_link_libraries(gatehouse_cpp_httplib INTERFACE PkgConfig::GATEHOUSE_HTTPLIB)
endif()
