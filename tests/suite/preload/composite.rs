//! Associations whose keys are several columns.

use super::*;

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "sheets", primary_key(a, b))]
struct Sheet {
    a: i64,
    b: String,
    name: String,

    #[schema(foreign_key(sheet_a, sheet_b))]
    cells: HasMany<Cell>,
    #[schema(foreign_key(sheet_a, sheet_b), order = |c| c.text.desc())]
    sorted_cells: HasMany<Cell>,
}

#[derive(Debug, Clone, Default, PartialEq, Schema)]
#[schema(table = "cells", index(sheet_a, sheet_b), index(text))]
struct Cell {
    id: i64,
    text: String,
    sheet_a: Option<i64>,
    sheet_b: Option<String>,

    #[schema(foreign_key(sheet_a, sheet_b))]
    sheet: BelongsTo<Option<Sheet>>,
    #[schema(through = [sheet, cells])]
    siblings: HasMany<Cell>,
}

const TABLES: &str = "
    create table sheets (a {i64} not null, b {text} not null, name {text} not null, primary key (a, b));
    create table cells ({id}, text {text} not null, sheet_a {i64}, sheet_b {text});
";

/// Four sheets whose keys are all pairs of two values, and cells of three of them; and cells with half a key.
async fn filled(repo: &Repo) -> (Vec<Sheet>, Vec<Cell>) {
    let (mut sheets, mut cells) = (Vec::new(), Vec::new());
    for (a, b) in [(1, "x"), (1, "y"), (2, "x"), (2, "y")] {
        let sheet = Sheet { a, b: b.into(), name: format!("{a}{b}"), ..Sheet::default() };
        sheets.push(repo.insert(sheet).await.unwrap());
    }
    for (a, b, text) in [
        (Some(1), Some("x"), "p"),
        (Some(2), Some("y"), "q"),
        (Some(1), Some("x"), "r"),
        (Some(1), Some("y"), "s"),
        (Some(1), None, "half"),
        (None, Some("x"), "other half"),
    ] {
        let cell = Cell { text: text.into(), sheet_a: a, sheet_b: b.map(str::to_owned), ..Cell::default() };
        cells.push(repo.insert(cell).await.unwrap());
    }
    (sheets, cells)
}

fn words(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ")
}

on_sql_stores! {
    async fn a_list_by_two_columns(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (mut sheets, _) = filled(repo).await;
        // Only the two whose keys would, column by column, also name the others.
        let mut some = vec![sheets.remove(3), sheets.remove(0)];
        assert_eq!(preloading!(repo, &mut some, |s| (s.cells().order_by(|c| c.id), s.sorted_cells())), 2);
        assert_eq!(words(some[0].cells.get().unwrap()), "q");
        assert_eq!(words(some[1].cells.get().unwrap()), "p r");
        assert_eq!(words(some[1].sorted_cells.get().unwrap()), "r p");
        assert_eq!(preloading!(repo, &mut some, |s| s.sorted_cells().limit(1)), 1);
        assert_eq!(words(some[1].sorted_cells.get().unwrap()), "r");
        assert_eq!(words(some[0].sorted_cells.get().unwrap()), "q");
        let own = |s: SheetColumns<Sheet, NotNull>| s.cells().filter(|c| c.text.eq(s.name).or(c.text.eq("p")));
        assert_eq!(preloading!(repo, &mut some, own), 1);
        assert_eq!((words(some[0].cells.get().unwrap()), words(some[1].cells.get().unwrap())), ("".into(), "p".into()));
    }

    async fn a_row_by_two_columns(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        let (_, mut cells) = filled(repo).await;
        assert_eq!(preloading!(repo, &mut cells, |c| (c.sheet(), c.siblings().order_by(|c| c.id))), 2);
        let names: Vec<_> = cells.iter().map(|c| c.sheet.get().unwrap().map(|sheet| sheet.name.as_str())).collect();
        assert_eq!(names, [Some("1x"), Some("2y"), Some("1x"), Some("1y"), None, None]);
        let siblings: Vec<_> = cells.iter().map(|cell| words(cell.siblings.get().unwrap())).collect();
        assert_eq!(siblings, ["p r", "q", "p r", "s", "", ""]);
    }

    async fn by_joins_and_by_lists(store: Store) {
        store.create(TABLES).await;
        let repo = &store.repo;
        filled(repo).await;
        let query = Sheet::query().order_by(|s| (s.a, s.b)).limit(3).join_preload(|s| s.cells().order_by(|c| c.id));
        let (sheets, statements) = counting!(repo, query);
        assert_eq!(statements, 1);
        let of_rows: Vec<_> = sheets.iter().map(|sheet| words(sheet.cells.get().unwrap())).collect();
        assert_eq!(of_rows, ["p r", "s", ""]);
        let lists = Sheet::query().order_by(|s| (s.a, s.b)).select(|s| s.cells().order_by(|c| c.id).select(|c| c.text).collect());
        let (lists, statements) = counting!(repo, lists);
        assert_eq!(statements, 2);
        assert_eq!(lists.iter().map(|list| list.join(" ")).collect::<Vec<_>>(), ["p r", "s", "", "q"]);
        let inner = Cell::query().preload(|c| c.sheet().join_preload(|s| s.cells().order_by(|c| c.id))).order_by(|c| c.id);
        let (cells, statements) = counting!(repo, inner);
        assert_eq!(statements, 2);
        let siblings = cells.iter().map(|c| c.sheet.get().unwrap().map(|s| words(s.cells.get().unwrap())).unwrap_or_default());
        assert_eq!(siblings.collect::<Vec<_>>(), ["p r", "q", "p r", "s", "", ""]);
    }
}
