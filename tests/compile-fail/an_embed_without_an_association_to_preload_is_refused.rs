use peristyle::prelude::*;

#[derive(Clone, Default, Schema)]
struct User {
    id: i64,
    name: String,
}

#[derive(Clone, Default, Embedded)]
struct Item {
    user_id: i64,
    user: BelongsTo<User>,
}

#[derive(Clone, Default, Schema)]
struct Order {
    id: i64,
    #[schema(embed)]
    item: Option<Item>,
}

fn main() {
    let _ = Order::query().preload(|o| o.item());
}
