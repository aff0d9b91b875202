package entity

import "strings"

// trimCountry returns the digits of a calling code that is given as "49",
// "+49" or "0049", or "" when there is no such code.
func trimCountry(c string) string {
	c = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(c), "+"), "00")
	if c == "" || strings.Trim(c, "0123456789") != "" || callingCode([]byte(c+"0000")) != len(c) {
		return ""
	}
	return c
}

// callingCode returns the length of the calling code that digits begin with, or
// 0 (ITU-T E.164, list of assigned country codes).
func callingCode(digits []byte) int {
	if len(digits) < 4 {
		return 0
	}
	switch digits[0] {
	case '0':
		return 0
	case '1', '7':
		return 1
	}
	switch string(digits[:2]) {
	case "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
		"51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
		"81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98":
		return 2
	case "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69",
		"80", "85", "87", "88", "96", "97", "99":
		return 3
	}
	return 0
}

// planOf returns how many digits a number has behind a calling code, and the
// prefix of its national form, or 0. What is not listed has 4 to 12 digits and
// a 0 in front, which is what most countries do.
func planOf(code string) (least, most int, trunk byte) {
	switch code {
	case "1":
		return 10, 10, 0
	case "7":
		return 10, 10, '8'
	case "30", "31", "32", "33", "34", "36", "41", "45", "47", "48", "351", "352", "353", "420", "421":
		return smallPlan(code)
	case "39":
		return 6, 11, 0 // the 0 of Italy is part of the number
	case "43":
		return 4, 13, '0'
	case "44":
		return 9, 10, '0'
	case "46":
		return 7, 10, '0'
	case "49":
		return 5, 12, '0'
	case "52", "57":
		return 10, 10, 0
	case "54":
		return 10, 11, '0'
	case "55":
		return 10, 11, '0'
	case "56", "51":
		return 8, 9, 0
	case "61", "64":
		return 8, 10, '0'
	case "65":
		return 8, 8, 0
	case "81":
		return 9, 10, '0'
	case "86":
		return 9, 11, '0'
	case "90", "91":
		return 10, 10, '0'
	case "852":
		return 8, 8, 0
	}
	return 4, 12, '0'
}

// smallPlan is planOf for European plans of one length or two.
func smallPlan(code string) (least, most int, trunk byte) {
	switch code {
	case "31", "33", "41":
		return 9, 9, '0'
	case "32":
		return 8, 9, '0'
	case "36":
		return 8, 9, 0
	case "30":
		return 10, 10, 0
	case "45", "47":
		return 8, 8, 0
	case "352":
		return 4, 11, 0
	case "353":
		return 7, 9, '0'
	case "421":
		return 9, 9, '0'
	}
	return 9, 9, 0 // 34, 48, 351, 420
}
