//! LIKE: `%` stands for any text, `_` for one character, `\` makes the next character plain.

/// Whether a text matches a pattern.
pub(super) fn matches(text: &str, pattern: &str, ignore_case: bool) -> bool {
    if ignore_case {
        return matches(&text.to_lowercase(), &pattern.to_lowercase(), false);
    }
    // The last `%` that was passed: what follows it in the pattern, and from where it is tried next in the text.
    let mut retry: Option<(&str, &str)> = None;
    let (mut text, mut pattern) = (text, pattern);
    loop {
        let mut rest = pattern.chars();
        let mut characters = text.chars();
        let matched = match rest.next() {
            Some('%') => {
                pattern = rest.as_str();
                retry = Some((pattern, text));
                continue;
            }
            Some('_') => characters.next().is_some(),
            Some('\\') => rest.next().is_some_and(|plain| characters.next() == Some(plain)),
            Some(plain) => characters.next() == Some(plain),
            None if text.is_empty() => return true,
            None => false,
        };
        if matched {
            (text, pattern) = (characters.as_str(), rest.as_str());
            continue;
        }
        let Some((after, from)) = retry else { return false };
        let mut skipped = from.chars();
        if skipped.next().is_none() {
            return false;
        }
        (text, pattern) = (skipped.as_str(), after);
        retry = Some((after, text));
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_on_the_sql_stores() {
        let cases = [
            ("", "", true),
            ("", "%", true),
            ("a", "", false),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "%b%", true),
            ("abc", "_b_", true),
            ("abc", "a_", false),
            ("aXbXc", "a%X%c", true),
            ("mississippi", "%iss%ip%", true),
            ("mississippi", "%iss%x%", false),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("a\\b", "a\\\\b", true),
            ("ü", "_", true),
            ("Abc", "abc", false),
            // An escape of nothing matches nothing.
            ("a\\", "a\\", false),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(matches(text, pattern, false), expected, "{text:?} LIKE {pattern:?}");
        }
        assert!(matches("ÄPFEL", "ä%", true));
        assert!(!matches("ÄPFEL", "ä%", false));
    }
}
