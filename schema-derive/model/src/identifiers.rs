//! The names of indexes and constraints, as Ecto makes them.

/// The longest identifier that Postgres keeps; it cuts longer ones, and then no error can be matched to them.
const LONGEST: usize = 63;

/// `users_email_index`, `users_a_b_index`.
pub(crate) fn index_name(table: &str, columns: &[&str]) -> String {
    join(table, columns, "index")
}

/// `posts_author_id_fkey`.
pub(crate) fn foreign_key_name(table: &str, column: &str) -> String {
    join(table, &[column], "fkey")
}

fn join(table: &str, columns: &[&str], suffix: &str) -> String {
    let parts = std::iter::once(table).chain(columns.iter().copied()).map(word_characters);
    parts.chain([suffix.to_owned()]).collect::<Vec<_>>().join("_")
}

/// Other characters become `_`, none at the end.
fn word_characters(name: &str) -> String {
    let word: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    word.trim_end_matches('_').to_owned()
}

/// Why `name` cannot be the name of a table, column, index or constraint, if it cannot.
pub(crate) fn refusal(name: &str) -> Option<String> {
    if name.contains('\0') {
        return Some("a name cannot contain a NUL".to_owned());
    }
    (name.len() > LONGEST).then(|| format!("`{name}` has {} bytes; Postgres cuts names at {LONGEST}", name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_ecto() {
        assert_eq!(index_name("users", &["email"]), "users_email_index");
        assert_eq!(index_name("users", &["a", "b"]), "users_a_b_index");
        assert_eq!(foreign_key_name("posts", "author_id"), "posts_author_id_fkey");
        assert_eq!(index_name("Album", &["ArtistId"]), "Album_ArtistId_index");
    }

    #[test]
    fn characters_outside_of_words_become_underscores() {
        assert_eq!(index_name("blog-posts", &["first-name", "last?"]), "blog_posts_first_name_last_index");
    }

    #[test]
    fn names_that_postgres_would_cut_are_refused() {
        assert_eq!(refusal(&"x".repeat(63)), None);
        assert!(refusal(&"x".repeat(64)).is_some_and(|reason| reason.contains("64 bytes")));
        assert!(refusal("a\0").is_some());
    }
}
