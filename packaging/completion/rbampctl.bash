# bash completion for rbampctl: the program itself knows its commands, options, and the modules of the ledger.
_rbampctl() {
  local IFS=$'\n' current=${COMP_WORDS[COMP_CWORD]} candidates
  COMPREPLY=()
  candidates=$(rbampctl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  if [ "$candidates" = __files__ ]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [ -n "$candidates" ]; then
    mapfile -t COMPREPLY <<<"$candidates"
  fi
}
complete -F _rbampctl rbampctl
