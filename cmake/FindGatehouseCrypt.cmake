# libxcrypt has no CMake package of its own on Debian.
find_library(GATEHOUSE_CRYPT_LIBRARY crypt)
find_path(GATEHOUSE_CRYPT_INCLUDE crypt.h)
mark_as_advanced(GATEHOUSE_CRYPT_LIBRARY GATEHOUSE_CRYPT_INCLUDE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseCrypt REQUIRED_VARS GATEHOUSE_CRYPT_LIBRARY GATEHOUSE_CRYPT_INCLUDE)

if(GatehouseCrypt_FOUND AND NOT TARGET gatehouse_crypt)
  add_library(gatehouse_crypt UNKNOWN IMPORTED)
  set_target_properties(gatehouse_crypt PROPERTIES
                        IMPORTED_LOCATION ${GATEHOUSE_CRYPT_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${GATEHOUSE_CRYPT_INCLUDE})
endif()
