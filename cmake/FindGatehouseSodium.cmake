# libsodium has no CMake package of its own on Debian.
find_library(GATEHOUSE_SODIUM_LIBRARY sodium)
find_path(GATEHOUSE_SODIUM_INCLUDE sodium.h)
mark_as_advanced(GATEHOUSE_SODIUM_LIBRARY GATEHOUSE_SODIUM_INCLUDE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseSodium REQUIRED_VARS GATEHOUSE_SODIUM_LIBRARY GATEHOUSE_SODIUM_INCLUDE)

if(GatehouseSodium_FOUND AND NOT TARGET gatehouse_sodium)
  add_library(gatehouse_sodium UNKNOWN IMPORTED)
  set_target_properties(gatehouse_sodium PROPERTIES
                        IMPORTED_LOCATION ${GATEHOUSE_SODIUM_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${GATEHOUSE_SODIUM_INCLUDE})
endif()
