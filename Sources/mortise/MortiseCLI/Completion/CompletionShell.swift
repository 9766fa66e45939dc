/// Shells that completion scripts are made for.
///
/// The scripts know nothing of the commands: they ask `mortise __complete` for each word, which
/// answers from the table that parser and help use, and from the host.
enum CompletionShell: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish

  var script: String {
    switch self {
    case .bash: Self.bashScript
    case .zsh: Self.zshScript
    case .fish: Self.fishScript
    }
  }

  // bash splits words at = and :, so the line is split anew, and what bash takes for a word of its
  // own is cut off what is offered.
  private static let bashScript = #"""
    # Completion of mortise for bash: source <(mortise completion bash)
    _mortise() {
      local line=${COMP_LINE:0:COMP_POINT} value split
      local -a words=()
      COMPREPLY=()
      read -ra words <<<"$line"
      [[ $line == *[[:space:]] ]] && words+=("")
      local current=${words[${#words[@]}-1]}
      split=${current%"${current##*[=:]}"}
      while IFS=$'\t' read -r value _; do
        case $value in
          :files) compopt -o filenames 2>/dev/null
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${current#"$split"}") ;;
          :directories) compopt -o filenames 2>/dev/null
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${current#"$split"}") ;;
          *) [[ $value == *[=/] ]] && compopt -o nospace 2>/dev/null
            COMPREPLY+=("${value#"$split"}") ;;
        esac
      done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
    }
    complete -F _mortise mortise

    """#

  private static let zshScript = #"""
    #compdef mortise
    # Completion of mortise for zsh: source <(mortise completion zsh)
    _mortise() {
      local line
      local -a whole wholeShown open openShown
      for line in "${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        case $line in
          '') ;;
          :files) compset -P '*='; _files ;;
          :directories) compset -P '*='; _files -/ ;;
          *[=/]$'\t'*) open+=("${line%%$'\t'*}"); openShown+=("${line/$'\t'/  -- }") ;;
          *) whole+=("${line%%$'\t'*}"); wholeShown+=("${line/$'\t'/  -- }") ;;
        esac
      done
      (( $#whole )) && compadd -l -d wholeShown -- "${whole[@]}"
      (( $#open )) && compadd -S '' -l -d openShown -- "${open[@]}"
    }
    if [[ ${funcstack[1]} == _mortise ]]; then _mortise "$@"; else compdef _mortise mortise; fi

    """#

  private static let fishScript = #"""
    # Completion of mortise for fish: mortise completion fish | source
    function __mortise_complete
      set -l words (commandline -opc)
      set -l current (commandline -ct)
      for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
          case ':files*'
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
          case ':directories*'
            __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$current")
          case '*'
            echo $line
        end
      end
    end
    complete -c mortise -f -a '(__mortise_complete)'

    """#
}
