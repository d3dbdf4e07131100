# `cmake --install`: each room is a component of the CMake package Gatehouse and has a pkg-config file. Both say what a
# room leans on, from the same DEPENDS and LINKS that built it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_custom_target(gatehouse_installed)  # all that is installed, and no more

set(gatehouse_cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Gatehouse)
set(gatehouse_pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Libraries, headers, targets and pkg-config file of one room.
function(gatehouse_install_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS" ${ARGN})
  install(TARGETS gatehouse_${name} EXPORT gatehouse_${name}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT gatehouse_dev
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT gatehouse_dev)
  add_dependencies(gatehouse_installed gatehouse_${name})
  install(EXPORT gatehouse_${name} NAMESPACE gatehouse:: FILE ${name}.cmake
          DESTINATION ${gatehouse_cmake_folder} COMPONENT gatehouse_dev)

  set(libraries "")
  foreach(target IN LISTS ARG_LINKS)
    gatehouse_library(${target})
    if(pkgconfig)
      list(APPEND libraries ${target})
      set_property(GLOBAL APPEND PROPERTY GATEHOUSE_DEBIAN_DEPENDS ${apt})
    endif()
  endforeach()
  gatehouse_write_pkgconfig(${name} "${ARG_DEPENDS}" "${libraries}")
  # Rooms come after those that they lean on, and so do the rows.
  set_property(GLOBAL APPEND PROPERTY GATEHOUSE_COMPONENTS ${name})
  set_property(GLOBAL APPEND_STRING PROPERTY GATEHOUSE_COMPONENT_ROWS
               "set(Gatehouse_${name}_DEPENDS ${ARG_DEPENDS})\nset(Gatehouse_${name}_LINKS ${libraries})\n")
endfunction()

# The libraries are static: who links a room links all that it needs, so nothing is `.private`.
function(gatehouse_write_pkgconfig name depends links)
  set(file gatehouse-${name})
  set(libs "")
  if(name STREQUAL gatehouse)
    set(file gatehouse)
  endif()
  get_target_property(type gatehouse_${name} TYPE)
  if(type STREQUAL STATIC_LIBRARY)
    set(libs "-L\${libdir} -lgatehouse_${name}")
  endif()
  list(TRANSFORM depends PREPEND gatehouse- OUTPUT_VARIABLE requires)
  foreach(target IN LISTS links)
    gatehouse_library(${target})
    if(pkgconfig MATCHES "^-")
      string(APPEND libs " ${pkgconfig}")
    else()
      list(APPEND requires ${pkgconfig})
    endif()
  endforeach()
  list(JOIN requires ", " requires)
  gatehouse_configure_pkgconfig(${file})
endfunction()

function(gatehouse_configure_pkgconfig file)
  string(REGEX REPLACE "[^/]+" ".." up ${gatehouse_pkgconfig_folder})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/gatehouse.pc.in ${PROJECT_BINARY_DIR}/pkgconfig/${file}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/${file}.pc
          DESTINATION ${gatehouse_pkgconfig_folder} COMPONENT gatehouse_dev)
endfunction()

# After all rooms: what they have in common.
function(gatehouse_install_package)
  get_property(components GLOBAL PROPERTY GATEHOUSE_COMPONENTS)
  get_property(component_rows GLOBAL PROPERTY GATEHOUSE_COMPONENT_ROWS)
  if(authorization IN_LIST components)
    set(requires gatehouse-authorization)
    gatehouse_configure_pkgconfig(gatehouse-guard)  # the name of what people look for in it
  endif()

  set(folder ${PROJECT_BINARY_DIR}/package)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/GatehouseConfig.cmake.in ${folder}/GatehouseConfig.cmake
                                INSTALL_DESTINATION ${gatehouse_cmake_folder}
                                NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
  write_basic_package_version_file(${folder}/GatehouseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${folder}/GatehouseConfig.cmake ${folder}/GatehouseConfigVersion.cmake
                ${PROJECT_SOURCE_DIR}/cmake/GatehouseLibraries.cmake
                ${PROJECT_SOURCE_DIR}/cmake/FindGatehouseSodium.cmake
                ${PROJECT_SOURCE_DIR}/cmake/FindGatehouseXxhash.cmake
                ${PROJECT_SOURCE_DIR}/cmake/FindGatehouseUtf8proc.cmake
                ${PROJECT_SOURCE_DIR}/cmake/FindGatehouseCrypt.cmake
          DESTINATION ${gatehouse_cmake_folder} COMPONENT gatehouse_dev)
endfunction()
