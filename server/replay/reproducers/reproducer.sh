#!/usr/bin/env bash
@@HEAD@@
#
# Run it:  bash THIS_FILE
# Exit code 1 while the problem shows, 0 when it does not, 69 when nothing can be said (no target, no answer).
# It needs bash, curl 7.75@@NEEDS@@ and awk.
#   REPRISE_TARGET=http://host:port  sends the requests elsewhere
#   REPRISE_TIMEOUT=30               seconds for one answer
#   REPRISE_INSECURE=1               takes any certificate of an https target
set -u
export LC_ALL=C

@@DATA@@

target=${REPRISE_TARGET:-$default_target}
while [ "${target%/}" != "$target" ]; do target=${target%/}; done
nothing() { echo "nothing can be said: $1"; exit 69; }
for tool in curl awk $needed_tools; do
  command -v "$tool" >/dev/null || nothing "$tool is not installed"
done
work=$(mktemp -d) || nothing "no temporary directory"
trap 'rm -rf "$work"' EXIT

insecure=()
[ -n "${REPRISE_INSECURE:-}" ] && insecure=(--insecure)

# call ID curl-arguments...: one request of the group that is being put together.
call() {
  local id=$1
  shift
  : >"$work/$id.body"
  : >"$work/$id.head"
  [ ${#calls[@]} -gt 0 ] && calls+=(--next)
  calls+=(--silent --globoff --path-as-is --max-time "${REPRISE_TIMEOUT:-30}" "${insecure[@]}"
    --header 'X-Replay: reproducer' --header 'Expect:' --output "$work/$id.body" --dump-header "$work/$id.head"
    --write-out "$id %{http_code} %{time_total} %{exitcode}\n" "$@")
}

# Sends the calls at once.
send_group() {
  [ ${#calls[@]} -gt 0 ] || return 0
  curl --parallel --parallel-immediate --parallel-max 300 "${calls[@]}" >>"$work/answers" 2>>"$work/errors"
  calls=()
}

# later SECONDS: sends the calls then, whatever else has been answered by then.
later() {
  (
    sleep "$1"
    send_group
  ) &
  calls=()
}

# For paths and forms.
percent_encoded() {
  local text=$1 i c
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    case $c in
      [0-9A-Za-z._~-]) printf '%s' "$c" ;;
      *) printf '%%%02X' $(($(printf '%d' "'$c") & 255)) ;;
    esac
  done
}

header_of() {
  tr -d '\r' <"$work/$1.head" | awk -v wanted="$2" '
    BEGIN { wanted = tolower(wanted) }
    /^HTTP\// { text = ""; found = 0 }
    { colon = index($0, ":") }
    colon && !found && tolower(substr($0, 1, colon - 1)) == wanted {
      text = substr($0, colon + 1); sub(/^[ \t]+/, "", text); found = 1
    }
    END { printf "%s", text }'
}

cookie_of() {
  tr -d '\r' <"$work/$1.head" | awk -v wanted="$2=" '
    tolower(substr($0, 1, 11)) == "set-cookie:" {
      text = substr($0, 12); sub(/^[ \t]+/, "", text)
      if (index(text, wanted) == 1) { sub(/;.*/, "", text); printf "%s", substr(text, length(wanted) + 1); exit }
    }'
}

text_of() {
  local all rest
  all=$(tr -d '\0' <"$work/$1.body")
  rest=${all#*"$2"}
  [ "$rest" != "$all" ] && printf '%s' "${rest%%[!0-9A-Za-z._~+/=-]*}"
}

# FILE POINTER prints the member, nothing for null, objects and arrays. FILE POINTER HOW VALUE compares it.
json_program='
import json, re, sys

def member(path, pointer):
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read().decode("utf-8"))
        for step in pointer.split("/")[1:]:
            step = step.replace("~1", "/").replace("~0", "~")
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value
    except (ValueError, KeyError, IndexError, TypeError):
        return None

def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)

def holds(found, how, wanted):
    same = found == wanted and (is_number(found) and is_number(wanted) or type(found) == type(wanted))
    if how in ("==", "!="):
        return same == (how == "==")
    if how in ("contains", "matches"):
        return isinstance(found, str) and (wanted in found if how == "contains" else bool(re.search(wanted, found)))
    if not is_number(found):
        return False
    return {"<": found < wanted, "<=": found <= wanted, ">": found > wanted, ">=": found >= wanted}[how]

found = member(sys.argv[1], sys.argv[2])
if len(sys.argv) > 3:
    sys.exit(0 if holds(found, sys.argv[3], json.loads(sys.argv[4])) else 1)
if isinstance(found, str):
    sys.stdout.buffer.write(found.encode("utf-8"))
elif found is not None and not isinstance(found, (dict, list)):
    sys.stdout.write(json.dumps(found))
'
member_of() { python3 -c "$json_program" "$work/$1.body" "$2"; }
holds_json() { python3 -c "$json_program" "$work/$1.body" "$2" "$3" "$4"; }

piece_of() {
  printf '%s' "$1" | tr '/?&=#' '\n\n\n\n\n' | awk -v piece="$2" 'NF { all[++n] = $0 } END { printf "%s", all[n - piece] }'
}

# holds_body ID HOW TEXT
holds_body() {
  local text
  text=$(tr -d '\0' <"$work/$1.body"; printf x)
  holds_text "${text%x}" "$2" "$3"
}

holds_text() {
  case $2 in
    equal) [ "$1" = "$3" ] ;;
    not_equal) [ "$1" != "$3" ] ;;
    contains) case $1 in *"$3"*) true ;; *) false ;; esac ;;
    matches) printf '%s' "$1" | grep -qPz -- "$3" ;;
  esac
}

holds_number() {
  awk -v left="$1" -v how="$2" -v right="$3" 'BEGIN {
    if (left == "") exit 1
    left += 0; right += 0
    if (how == "==") exit !(left == right)
    if (how == "!=") exit !(left != right)
    if (how == "<") exit !(left < right)
    if (how == "<=") exit !(left <= right)
    if (how == ">") exit !(left > right)
    exit !(left >= right)
  }'
}

# Of the watched answers.
figure() {
  : >"$work/latencies"
  awk -v what="$1" -v ids=" ${watched[*]} " -v latencies="$work/latencies" '
    index(ids, " " $1 " ") {
      all++
      came = $4 == 0 && $2 + 0 > 0
      if (!came) missing++
      if (!came || $2 >= 500 || $2 == 429) failing++
      if (came) print $3 * 1000 > latencies
    }
    END {
      if (what == "unanswered") print 100 * missing / all
      if (what == "failing") print 100 * failing / all
    }' "$work/answers"
  case $1 in
    p*)
      sort -g "$work/latencies" | awk -v share="${1#p}" '
        { all[NR] = $1 }
        END { if (NR) { rank = share * NR / 100; if (rank > int(rank)) rank = int(rank) + 1
              print all[rank < 1 ? 1 : rank] } }'
      ;;
  esac
}

calls=()
watched=()
: >"$work/answers"
send_all

missing=0
while read -r id status seconds code; do
  case $code in 6 | 7) nothing "$target cannot be reached" ;; esac
  case " ${watched[*]} " in *" $id "*) [ "$code" = 0 ] || missing=$((missing + 1)) ;; esac
done <"$work/answers"
[ "$(wc -l <"$work/answers")" = "$sent" ] || nothing "curl did not send everything"

shown() {
  figures_hold || return 1
  [ "$about_one" = 1 ] || return 0
  local id status seconds code
  while read -r id status seconds code; do
    case " ${watched[*]} " in *" $id "*) ;; *) continue ;; esac
    [ "$code" = 0 ] && answer_holds && return 0
  done <"$work/answers"
  return 1
}

summary() {
  awk -v ids=" ${watched[*]} " 'index(ids, " " $1 " ") && n++ < 20 {
    printf("%s%s in %.0f ms", (n > 1 ? ", " : ""), ($4 == 0 ? $2 : "no answer"), $3 * 1000)
  }' "$work/answers"
}

if shown; then
  echo "the problem shows ($still): $(summary)"
  exit 1
fi
[ "$missing" = 0 ] || [ "$asks_for_missing" = 1 ] || nothing "an answer is missing: $(summary)"
echo "the problem does not show ($still): $(summary)"
