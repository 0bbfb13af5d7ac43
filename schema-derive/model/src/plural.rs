//! English plurals, for the default names of tables.

/// The plural of a snake_case name: that of its last word.
///
/// A word that is a plural already stays as it is. Names that no rule fits take `#[schema(table = "..")]`.
///
/// ```
/// use peristyle_derive_model::pluralize;
/// assert_eq!(pluralize("user"), "users");
/// assert_eq!(pluralize("blog_category"), "blog_categories");
/// assert_eq!(pluralize("person"), "people");
/// ```
pub fn pluralize(name: &str) -> String {
    match name.rsplit_once('_') {
        Some((before, last)) => format!("{before}_{}", plural_word(last)),
        None => plural_word(name),
    }
}

/// Words with a plural of their own.
const IRREGULAR: &[(&str, &str)] = &[
    ("alias", "aliases"),
    ("atlas", "atlases"),
    ("bias", "biases"),
    ("canvas", "canvases"),
    ("child", "children"),
    ("criterion", "criteria"),
    ("datum", "data"),
    ("foot", "feet"),
    ("gas", "gases"),
    ("goose", "geese"),
    ("human", "humans"),
    ("iris", "irises"),
    ("lens", "lenses"),
    ("medium", "media"),
    ("menus", "menus"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("person", "people"),
    ("phenomenon", "phenomena"),
    ("quiz", "quizzes"),
    ("tooth", "teeth"),
    // Not "men": no man in them.
    ("german", "germans"),
    ("roman", "romans"),
    ("talisman", "talismans"),
    // Not "ches": the ch is a k.
    ("epoch", "epochs"),
    ("monarch", "monarchs"),
    ("stomach", "stomachs"),
    ("tech", "techs"),
    // Not "s".
    ("calf", "calves"),
    ("echo", "echoes"),
    ("half", "halves"),
    ("hero", "heroes"),
    ("knife", "knives"),
    ("leaf", "leaves"),
    ("life", "lives"),
    ("loaf", "loaves"),
    ("potato", "potatoes"),
    ("shelf", "shelves"),
    ("thief", "thieves"),
    ("tomato", "tomatoes"),
    ("wife", "wives"),
    ("wolf", "wolves"),
];

/// Words without a plural, and plurals that do not end in s.
const UNCHANGED: &[&str] = &[
    "aircraft",
    "audio",
    "children",
    "criteria",
    "data",
    "deer",
    "equipment",
    "feedback",
    "fish",
    "hardware",
    "information",
    "media",
    "men",
    "metadata",
    "money",
    "people",
    "rice",
    "sheep",
    "software",
    "staff",
    "women",
];

fn plural_word(word: &str) -> String {
    if UNCHANGED.contains(&word) {
        return word.to_owned();
    }
    if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    if let Some(stem) = word.strip_suffix("man") {
        return format!("{stem}men");
    }
    if word.ends_with("sis") || word.ends_with("xis") {
        // analysis, basis, axis
        return format!("{}es", &word[..word.len() - 2]);
    }
    let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| word.ends_with(suffix));
    if ends(&["ss", "us", "x", "z", "ch", "sh"]) {
        return format!("{word}es");
    }
    if word.ends_with('s') {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix('y')
        && !stem.ends_with(['a', 'e', 'i', 'o'])
        && (!stem.ends_with('u') || stem.ends_with("qu"))
        && !stem.is_empty()
    {
        return format!("{stem}ies");
    }
    format!("{word}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn plurals(pairs: &[(&str, &str)]) {
        for (singular, plural) in pairs {
            assert_eq!(pluralize(singular), *plural);
        }
    }

    #[test]
    fn common_words_follow_the_rules() {
        plurals(&[
            ("user", "users"),
            ("category", "categories"),
            ("day", "days"),
            ("box", "boxes"),
            ("address", "addresses"),
            ("status", "statuses"),
            ("branch", "branches"),
            ("wish", "wishes"),
            ("analysis", "analyses"),
            ("axis", "axes"),
            ("house", "houses"),
            ("photo", "photos"),
            ("index", "indexes"),
            ("survey", "surveys"),
            ("query", "queries"),
            ("soliloquy", "soliloquies"),
            ("media_type", "media_types"),
        ]);
    }

    #[test]
    fn irregular_words_have_their_own() {
        plurals(&[
            ("person", "people"),
            ("child", "children"),
            ("sales_person", "sales_people"),
            ("woman", "women"),
            ("human", "humans"),
            ("mouse", "mice"),
            ("quiz", "quizzes"),
            ("leaf", "leaves"),
            ("hero", "heroes"),
            ("canvas", "canvases"),
        ]);
    }

    #[test]
    fn plurals_and_words_without_one_stay() {
        plurals(&[
            ("user_settings", "user_settings"),
            ("news", "news"),
            ("people", "people"),
            ("metadata", "metadata"),
        ]);
    }

    #[test]
    fn single_letters_do_not_disappear() {
        plurals(&[("y", "ys"), ("a", "as"), ("x", "xes")]);
    }
}
