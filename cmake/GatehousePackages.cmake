# Debian packages: libgatehouse-dev, gatehouse (once apps/gatehouse installs a program) and gatehouse-doc. ./dev package
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gatehouse)
set(CPACK_PACKAGE_CONTACT "The Gatehouse maintainers <maintainers@gatehouse.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # else every package would begin with it
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/debian/finish.cmake)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL "")

# Announces a package made of an install component, with what Debian wants to see in its folder of documentation.
function(gatehouse_package component name section description)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/debian/copyright ${PROJECT_SOURCE_DIR}/NOTICE
                ${PROJECT_BINARY_DIR}/package/changelog
          DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${name} COMPONENT ${component} EXCLUDE_FROM_ALL)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  string(TOUPPER ${component} key)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${key}_DESCRIPTION ${description})
  return(PROPAGATE CPACK_COMPONENTS_ALL CPACK_DEBIAN_${key}_PACKAGE_NAME CPACK_DEBIAN_${key}_PACKAGE_SECTION
                   CPACK_DEBIAN_${key}_DESCRIPTION)
endfunction()

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(packaging/debian/changelog.in package/changelog @ONLY)

gatehouse_package(gatehouse_dev libgatehouse-dev libdevel
  "JWT authentication and policies for C++ services (development)
Static libraries, headers, CMake package and pkg-config files of Gatehouse,
which validates bearer tokens, builds a claims principal and decides by policy,
in a web host of its own or inside the server that a service already has.")
get_property(depends GLOBAL PROPERTY GATEHOUSE_DEBIAN_DEPENDS)
list(REMOVE_DUPLICATES depends)
list(SORT depends)
list(JOIN depends ", " CPACK_DEBIAN_GATEHOUSE_DEV_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_GATEHOUSE_DEV_PACKAGE_SUGGESTS gatehouse-doc)

install(FILES README.md ARCHITECTURE.md SECURITY.md
        DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/gatehouse-doc COMPONENT gatehouse_doc)
install(DIRECTORY docs examples
        DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/gatehouse-doc COMPONENT gatehouse_doc)
gatehouse_package(gatehouse_doc gatehouse-doc doc
  "JWT authentication and policies for C++ services (documentation)
Guide, architecture, decisions and example programs of Gatehouse, the library
of bearer tokens and policy authorization in libgatehouse-dev.")
set(CPACK_DEBIAN_GATEHOUSE_DOC_PACKAGE_ARCHITECTURE all)

if(EXISTS ${PROJECT_SOURCE_DIR}/apps/gatehouse/CMakeLists.txt)
  gatehouse_package(gatehouse_programs gatehouse net
    "command line for JWT bearer authentication
The program of Gatehouse: shows what stands in a token, and explains why a
service with given settings accepts or refuses it, and what would mend that.")
  set(CPACK_DEBIAN_GATEHOUSE_PROGRAMS_PACKAGE_SHLIBDEPS ON)
endif()

include(CPack)
