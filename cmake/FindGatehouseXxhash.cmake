# xxHash, of which only the header is used.
find_path(GATEHOUSE_XXHASH_INCLUDE xxhash.h)
mark_as_advanced(GATEHOUSE_XXHASH_INCLUDE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseXxhash REQUIRED_VARS GATEHOUSE_XXHASH_INCLUDE)

if(GatehouseXxhash_FOUND AND NOT TARGET gatehouse_xxhash)
  add_library(gatehouse_xxhash INTERFACE IMPORTED)
  target_include_directories(gatehouse_xxhash INTERFACE ${GATEHOUSE_XXHASH_INCLUDE})
  target_compile_definitions(gatehouse_xxhash INTERFACE XXH_INLINE_ALL)
endif()
