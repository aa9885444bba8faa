use super::*;

// RFC 8259, section 7: which characters need an escape, at any place.
#[test]
fn text_is_written_as_serde_json_writes_it() {
    for char in ('\0'..='\u{ff}').chain(['\u{2028}', '😀']) {
        for text in [format!("{char}"), format!("{0:a<40}{char}{0:b<40}", "")] {
            let mut out = Vec::new();
            write_text(&text, &mut out);

            assert_eq!(out, serde_json::to_vec(&text).unwrap(), "{char:?}");
        }
    }
}

#[test]
fn an_escape_is_found_at_any_place_of_a_text_of_any_length() {
    for length in 0..50 {
        for at in 0..length {
            let text = format!("{0:a<at$}\"{0:b<1$}", "", length - at);
            let mut out = Vec::new();
            write_text(&text, &mut out);

            assert_eq!(out, serde_json::to_vec(&text).unwrap());
        }
    }
}

#[test]
fn whole_numbers_are_written_as_serde_json_writes_them() {
    for number in [0, 9, 10, 99, 100, 1000, 20_071, 1_642_262_400, u64::MAX] {
        let mut out = Vec::new();
        write_integer(number, &mut out);

        assert_eq!(out, serde_json::to_vec(&number).unwrap());
    }
    for number in [0, -1, 7, -500, i64::MIN, i64::MAX] {
        let mut out = Vec::new();
        write_signed(number, &mut out);

        assert_eq!(out, serde_json::to_vec(&number).unwrap());
    }
}

fn float(number: f64) -> String {
    let mut out = Vec::new();
    write_float(number, &mut out);
    String::from_utf8(out).unwrap()
}

// RFC 8259, section 6.
#[test]
fn a_number_with_a_fraction_has_an_exponent_only_where_it_is_very_large_or_small() {
    for (number, text) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (1.5e-5, "0.000015"),
        (1e-5, "0.00001"),
        (9.5e-6, "9.5e-6"),
        (5e-324, "5e-324"),
        (9_999_999_999_999_998.0, "9999999999999998.0"),
        (1e16, "1e+16"),
        (-1.2e100, "-1.2e+100"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::NAN, "null"),
        (f64::NEG_INFINITY, "null"),
    ] {
        assert_eq!(float(number), text);
    }
}

proptest::proptest! {
    #[test]
    fn a_number_is_read_as_it_was_written(bits: u64) {
        let number = f64::from_bits(bits);

        let text = float(number);

        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
        let read = text.parse::<f64>().ok().map(f64::to_bits);
        assert_eq!(read, number.is_finite().then_some(bits));
    }
}

#[test]
fn what_is_written_is_json_in_the_same_order() {
    let mut out = Vec::new();
    {
        let mut object = Object::open(&mut out);
        object
            .foreign_text("b\"", "line\n\u{7f}\u{2028}")
            .bool("a", true)
            .float("f", f64::NAN);
        object.object("empty");
        object.display("d", "1\"");
        object.objects("list", [1, 2], |item, object| {
            object.integer("n", item);
        });
        object.value("v\"", "[1.5,null]").signed("o", -1);
    }

    let parsed: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "{\"b\\\"\":\"line\\n\u{7f}\u{2028}\",\"a\":true,\"f\":null,\"empty\":{},\
         \"d\":\"1\\\"\",\"list\":[{\"n\":1},{\"n\":2}],\"v\\\"\":[1.5,null],\"o\":-1}"
    );
    assert_eq!(parsed["b\""], "line\n\u{7f}\u{2028}");
}
