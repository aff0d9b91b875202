package entity_test

import (
	"testing"

	"dragoman/nlu/entity"
)

// TestPhonesOfManyCountries goes through the plans: a number in the national
// form and in the international one, and what is too short or too long.
func TestPhonesOfManyCountries(t *testing.T) {
	for _, c := range []struct{ country, national, want string }{
		{"1", "(202) 555-0143", "+12025550143"},
		{"7", "8 495 123-45-67", "+74951234567"},
		{"30", "21 0123 4567", "+302101234567"},
		{"31", "06 12345678", "+31612345678"},
		{"32", "0471 12 34 56", "+32471123456"},
		{"33", "06 12 34 56 78", "+33612345678"},
		{"34", "612 34 56 78", "+34612345678"},
		{"36", "20 123 4567", "+36201234567"},
		{"39", "347 123 45678", "+3934712345678"},
		{"41", "044 668 18 00", "+41446681800"},
		{"43", "01 234567", "+431234567"},
		{"44", "020 7946 0958", "+442079460958"},
		{"45", "32 12 34 56", "+4532123456"},
		{"46", "08-123 456 78", "+46812345678"},
		{"47", "22 12 34 56", "+4722123456"},
		{"48", "512 345 678", "+48512345678"},
		{"49", "0151 23456789", "+4915123456789"},
		{"52", "55 1234 5678", "+525512345678"},
		{"54", "011 4123-4567", "+541141234567"},
		{"55", "011 91234-5678", "+5511912345678"},
		{"56", "9 1234 5678", ""}, // a single digit in front may be a list
		{"61", "0412 345 678", "+61412345678"},
		{"65", "6123 4567", "+6561234567"},
		{"81", "090-1234-5678", "+819012345678"},
		{"86", "0138 0013 8000", "+8613800138000"},
		{"91", "098765 43210", "+919876543210"},
		{"351", "912 345 678", "+351912345678"},
		{"352", "20 1234", ""},
		{"353", "01 234 5678", "+35312345678"},
		{"420", "601 123 456", "+420601123456"},
		{"421", "0905 123 456", "+421905123456"},
		{"380", "067 123 4567", "+380671234567"},
		{"49", "12 345", ""},
		{"49", "0151 23456789 5", "+4915123456789"},
		{"49", "0151-2345-6789-0123-4", ""},
		{"44", "0012", ""},
		{"0049", "0151 23456789", "+4915123456789"},
		{"+49", "0151 23456789", "+4915123456789"},
		{"000", "0151 23456789", ""},
	} {
		r := entity.New(entity.Options{Country: c.country})
		got := ""
		for _, e := range r.Find(nil, "call "+c.national, "en") {
			if e.Kind == entity.KindPhone {
				got += e.Text
			}
		}
		if got != c.want {
			t.Errorf("%s in +%s: got %q, want %q", c.national, c.country, got, c.want)
		}
		if again, _ := r.Resolve(entity.KindPhone, got); again != got {
			t.Errorf("%s resolves to %q", got, again)
		}
	}
}

func TestRoomDomainsMakeRooms(t *testing.T) {
	r := entity.New(entity.Options{RoomDomains: []string{"Talk.Example"}})
	expect(t, r, "x@talk.example y@talk.other.example z@MUC.example", "en",
		"room?:x@talk.example", "email:x@talk.example",
		"email:y@talk.other.example", "person?:y@talk.other.example",
		"room?:z@MUC.example=>z@muc.example", "email:z@MUC.example=>z@muc.example")
	r.Set(entity.KindRoom, "y@talk.other.example")
	expect(t, r, "Y@talk.other.example", "en", "room:Y@talk.other.example=>y@talk.other.example", "email:Y@talk.other.example")
}

func TestATextOfUnknownLanguageHasTheTimesOfAll(t *testing.T) {
	r := entity.New(entity.Options{})
	for _, text := range []string{"morgen um 9", "demain à 9h", "mañana a las 9", "tomorrow at 9"} {
		found := r.Find(nil, text, "")
		if len(found) == 0 || found[0].Kind != entity.KindDateTime || found[0].End-found[0].Start != len(text) {
			t.Errorf("%q: got %+v", text, found)
		}
	}
	for _, e := range r.Find(nil, "05/12/2026", "") {
		if e.Kind == entity.KindDate && e.Known {
			t.Errorf("05/12/2026 was guessed: %s", e.Text)
		}
	}
}
