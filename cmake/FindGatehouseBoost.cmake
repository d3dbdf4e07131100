# Asio and Beast, of which only headers are used. A Boost older than 1.81, as in Debian's libboost-dev, is not taken.
find_path(GATEHOUSE_BOOST_INCLUDE boost/beast/http/basic_parser.hpp)
mark_as_advanced(GATEHOUSE_BOOST_INCLUDE)
if(GATEHOUSE_BOOST_INCLUDE)
  file(STRINGS ${GATEHOUSE_BOOST_INCLUDE}/boost/version.hpp version REGEX "define BOOST_LIB_VERSION")
  string(REGEX REPLACE ".*\"([0-9]+)_([0-9]+).*" "\\1.\\2" GatehouseBoost_VERSION "${version}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GatehouseBoost REQUIRED_VARS GATEHOUSE_BOOST_INCLUDE
                                  VERSION_VAR GatehouseBoost_VERSION)

if(GatehouseBoost_FOUND AND NOT TARGET gatehouse_boost)
  add_library(gatehouse_boost INTERFACE IMPORTED)
  target_include_directories(gatehouse_boost INTERFACE ${GATEHOUSE_BOOST_INCLUDE})
  target_compile_definitions(gatehouse_boost INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
                             BOOST_BEAST_USE_STD_STRING_VIEW)
  if(GATEHOUSE_SANITIZE)
    # Asio's recycled frames would hide a use after free from the sanitizers.
    target_compile_definitions(gatehouse_boost INTERFACE BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
  endif()
endif()
