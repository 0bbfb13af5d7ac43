//! The binary form of `numeric`: signed digits in base 10,000.

use rust_decimal::Decimal;

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xC000;
const POSITIVE_INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

/// The greatest mantissa and scale of a [`Decimal`].
const MAX_MANTISSA: u128 = (1 << 96) - 1;
const MAX_SCALE: u32 = 28;

/// Appends `value`, exact and with its scale.
pub(crate) fn encode(value: Decimal, out: &mut Vec<u8>) {
    let scale = value.scale();
    // The point stands between two digits in base 10,000: fill the last group after it.
    let padding = (4 - scale % 4) % 4;
    let mut rest = value.mantissa().unsigned_abs() * 10u128.pow(padding);
    let fraction_groups = (scale + padding) / 4;

    let mut digits = [0u16; 10];
    let mut count = 0;
    while rest > 0 {
        digits[count] = (rest % 10_000) as u16;
        rest /= 10_000;
        count += 1;
    }
    let trailing_zeros = digits[..count].iter().take_while(|digit| **digit == 0).count();
    let weight = if count == 0 { 0 } else { count as i16 - fraction_groups as i16 - 1 };
    let sign = if value.is_sign_negative() && count > 0 { NEGATIVE } else { 0 };

    out.extend_from_slice(&((count - trailing_zeros) as u16).to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&(scale as u16).to_be_bytes());
    for digit in digits[trailing_zeros..count].iter().rev() {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

/// A `numeric` taken apart. The first of its digits counts 10,000 to the power of `weight`.
struct Parts<'r> {
    weight: i32,
    sign: u16,
    scale: u32,
    digits: &'r [[u8; 2]],
}

impl<'r> Parts<'r> {
    fn of(bytes: &'r [u8]) -> Result<Self, String> {
        match bytes.as_chunks().0 {
            [_, weight, sign, scale, digits @ ..] => Ok(Parts {
                weight: i16::from_be_bytes(*weight).into(),
                sign: u16::from_be_bytes(*sign),
                scale: u16::from_be_bytes(*scale).into(),
                digits,
            }),
            _ => Err("a numeric that is cut short".into()),
        }
    }

    /// The power of 10,000 that the last digit counts.
    fn last_weight(&self) -> i32 {
        self.weight - self.digits.len() as i32 + 1
    }
}

/// Reads a `numeric`, or says what was found that a [`Decimal`] cannot hold.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decimal, String> {
    let parts = Parts::of(bytes)?;
    let sign = match parts.sign {
        0 => 1,
        NEGATIVE => -1,
        NAN => return Err("NaN".into()),
        POSITIVE_INFINITY => return Err("Infinity".into()),
        NEGATIVE_INFINITY => return Err("-Infinity".into()),
        other => return Err(format!("a numeric with the unknown sign {other:#06x}")),
    };
    let (mantissa, scale) = finite(&parts)?;
    Ok(Decimal::from_i128_with_scale(sign * mantissa as i128, scale))
}

/// Reads a `numeric` as the nearest float, or says what was found.
pub(crate) fn decode_f64(bytes: &[u8]) -> Result<f64, String> {
    let parts = Parts::of(bytes)?;
    let sign = match parts.sign {
        0 => "",
        NEGATIVE => "-",
        NAN => return Ok(f64::NAN),
        POSITIVE_INFINITY => return Ok(f64::INFINITY),
        NEGATIVE_INFINITY => return Ok(f64::NEG_INFINITY),
        other => return Err(format!("a numeric with the unknown sign {other:#06x}")),
    };
    // Only a parser of decimal text rounds correctly.
    let digits: String = parts.digits.iter().map(|digit| format!("{:04}", u16::from_be_bytes(*digit))).collect();
    let text = format!("{sign}0{digits}e{}", 4 * parts.last_weight());
    text.parse().map_err(|_| format!("a numeric that is no number ({text})"))
}

/// The mantissa and the scale of a number.
fn finite(parts: &Parts<'_>) -> Result<(u128, u32), String> {
    let display_scale = parts.scale;
    let too_large = || {
        format!(
            "a numeric beyond a Decimal's 28 digits (its scale is {display_scale}); round or cast it in SQL, or read it as text"
        )
    };
    let mut mantissa = 0u128;
    for digit in parts.digits {
        let digit = u128::from(u16::from_be_bytes(*digit));
        mantissa = mantissa.checked_mul(10_000).and_then(|m| m.checked_add(digit)).ok_or_else(too_large)?;
    }
    if mantissa == 0 {
        return Ok((0, display_scale.min(MAX_SCALE)));
    }

    // Bring the number to the scale that it is displayed with.
    let mut scale = -4 * parts.last_weight();
    while scale > display_scale as i32 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        scale -= 1;
    }
    while scale < display_scale as i32 && (scale < 0 || scale < MAX_SCALE as i32) {
        match mantissa.checked_mul(10) {
            Some(larger) if larger <= MAX_MANTISSA || scale < 0 => mantissa = larger,
            _ => break,
        }
        scale += 1;
    }
    // Zeros at the end may go where there is no room for them.
    while (scale > MAX_SCALE as i32 || (mantissa > MAX_MANTISSA && scale > 0)) && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        scale -= 1;
    }
    if mantissa > MAX_MANTISSA || !(0..=MAX_SCALE as i32).contains(&scale) {
        return Err(too_large());
    }
    Ok((mantissa, scale as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &str) -> Decimal {
        let value: Decimal = text.parse().unwrap();
        let mut bytes = Vec::new();
        encode(value, &mut bytes);
        let back = decode(&bytes).unwrap();
        assert_eq!((back, back.scale()), (value, value.scale()), "{text}");
        back
    }

    #[test]
    fn decimals_come_back_exact_with_their_scale() {
        for text in [
            "0",
            "0.00",
            "1",
            "-1",
            "10000",
            "1.10",
            "0.0001",
            "0.00010",
            "-0.00001",
            "100000000",
            "123456789.987654321",
            "79228162514264337593543950335",
            "-79228162514264337593543950335",
            "7.9228162514264337593543950335",
            "0.0000000000000000000000000001",
            "10000000000000000000000000000",
        ] {
            round_trip(text);
        }
    }

    #[test]
    fn a_negative_zero_is_zero() {
        let mut bytes = Vec::new();
        encode("-0.0".parse().unwrap(), &mut bytes);
        assert_eq!(decode(&bytes).unwrap().to_string(), "0.0");
    }

    #[test]
    fn what_a_decimal_cannot_hold_is_refused_with_what_to_do() {
        let special = |sign: u16| decode(&[[0, 0, 0, 0].as_slice(), &sign.to_be_bytes(), &[0, 0]].concat());
        assert_eq!(special(NAN).unwrap_err(), "NaN");
        assert_eq!(special(NEGATIVE_INFINITY).unwrap_err(), "-Infinity");
        // 1 with weight 8 is 10^32.
        let huge = decode(&[0, 1, 0, 8, 0, 0, 0, 0, 0, 1]).unwrap_err();
        assert!(huge.contains("round or cast it in SQL"), "{huge}");
        assert!(decode(&[0, 1]).unwrap_err().contains("cut short"));
    }
}
