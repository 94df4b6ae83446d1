/**
 * What each shell is told so that it asks optout what could come next. They know no command: the
 * program answers from its table, in bounded time and without the network.
 */

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Text that every shell takes for one word and nothing else; other candidates are not offered. */
const plainWord = /^[\w./@+-]+$/;

export interface Candidate {
  readonly word: string;
  readonly help: string;
}

/** One candidate a line, in the form that the shell's script reads. */
export function candidateLines(shell: Shell, candidates: readonly Candidate[]): string {
  const separators = { bash: null, zsh: ":", fish: "\t" } as const;
  const separator = separators[shell];
  return candidates
    .filter(({ word }) => plainWord.test(word))
    .map(({ word, help }) => {
      const told = separator === null || help === "" ? "" : `${separator}${help}`;
      return `${word}${told}\n`;
    })
    .join("");
}

export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# optout completion bash: source this, or put it into ~/.local/share/bash-completion/completions/optout
_optout() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(optout completion bash --timeout 2s -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -o bashdefault -o default -F _optout optout
`,
  zsh: `#compdef optout
# optout completion zsh: put this into a directory of fpath as _optout, or source it after compinit
_optout() {
  local -a candidates
  candidates=("\${(@f)$(optout completion zsh --timeout 2s -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  if [[ -n "$candidates[1]" ]]; then
    _describe optout candidates
  else
    _files
  fi
}
if [[ "$funcstack[1]" == _optout ]]; then
  _optout "$@"
else
  compdef _optout optout
fi
`,
  fish: `# optout completion fish: put this into ~/.config/fish/completions/optout.fish
function __optout_complete
    set -l words (commandline -opc)
    set -e words[1]
    set -l current (commandline -ct)
    optout completion fish --timeout 2s -- $words "$current" 2>/dev/null </dev/null
end
complete -c optout -f -a '(__optout_complete)'
`,
};
