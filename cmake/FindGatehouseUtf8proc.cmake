# utf8proc has no CMake package of its own on Debian.
find_library(GATEHOUSE_UTF8PROC_LIBRARY utf8proc)
find_path(GATEHOUSE_UTF8PROC_INCLUDE utf8proc.h)
mark_as_advanced(GATEHOUSE_UTF8PROC_LIBRARY GATEHOUSE_UTF8PROC_INCLUDE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseUtf8proc REQUIRED_VARS GATEHOUSE_UTF8PROC_LIBRARY GATEHOUSE_UTF8PROC_INCLUDE)

if(GatehouseUtf8proc_FOUND AND NOT TARGET gatehouse_utf8proc)
  add_library(gatehouse_utf8proc UNKNOWN IMPORTED)
  set_target_properties(gatehouse_utf8proc PROPERTIES
                        IMPORTED_LOCATION ${GATEHOUSE_UTF8PROC_LIBRARY}
                        INTERFACE_INCLUDE_DIRECTORIES ${GATEHOUSE_UTF8PROC_INCLUDE})
endif()
