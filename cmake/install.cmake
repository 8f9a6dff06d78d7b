install(TARGETS rbampd rbampctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES config/rbampd.toml DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/rbampd)
install(FILES config/demo.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/rbampd)
install(FILES packaging/completion/rbampctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME rbampctl)
