# cpp-httplib, which Debian compiles, has no CMake package of its own there. For the tests of its adapter alone.
find_library(GATEHOUSE_HTTPLIB_LIBRARY cpp-httplib)
find_path(GATEHOUSE_HTTPLIB_INCLUDE httplib.h)
mark_as_advanced(GATEHOUSE_HTTPLIB_LIBRARY GATEHOUSE_HTTPLIB_INCLUDE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseHttplib REQUIRED_VARS GATEHOUSE_HTTPLIB_LIBRARY GATEHOUSE_HTTPLIB_INCLUDE)

if(GatehouseHttplib_FOUND AND NOT TARGET gatehouse_cpp_httplib)
  add_library(gatehouse_cpp_httplib UNKNOWN IMPORTED)
  set_target_properties(gatehouse_cpp_httplib PROPERTIES
                        IMPORTED_LOCATION ${GATEHOUSE_HTTPLIB_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${GATEHOUSE_HTTPLIB_INCLUDE})
endif()
