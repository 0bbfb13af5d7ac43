use peristyle::prelude::*;

#[derive(Clone, Default, Embedded)]
struct Item {
    name: String,
}

#[derive(Clone, Default, Schema)]
struct Order {
    id: i64,
    #[schema(embed)]
    item: Option<Item>,
}

fn main() {
    let _ = Order::query().preload(|o| o.item().preload(|i| i.user()));
}
