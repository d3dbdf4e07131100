# Runs between the installation of the components into their staging folders and the making of the packages.
set(staging ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
file(GLOB_RECURSE archives ${staging}/*.a)
file(GLOB changelogs ${staging}/*/usr/share/doc/*/changelog)
if(NOT archives OR NOT changelogs)
  message(FATAL_ERROR "nothing to finish in ${staging}")
endif()
foreach(archive IN LISTS archives)
  execute_process(COMMAND strip --strip-debug --remove-section=.comment --enable-deterministic-archives ${archive}
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
foreach(changelog IN LISTS changelogs)
  execute_process(COMMAND gzip -9n ${changelog} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
