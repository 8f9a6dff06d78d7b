#include "ctl/quality_text.hpp"

#include <set>

#include "support/catch.hpp"

using namespace rbamp::ctl;
using namespace rbamp::metering;

TEST_CASE("every quality and every reason has words of its own") {
  std::set<std::string> words;
  for (std::int64_t number = 0; quality_from(number); ++number)
    CHECK(words.insert(explanation_of(*quality_from(number), Reason::none)).second);
  for (std::int64_t number = 1; reason_from(number); ++number) {
    const auto text = explanation_of(Quality::estimated, *reason_from(number));
    CHECK(words.insert(text).second);
    CHECK(text.starts_with("estimated: "));
    CHECK(text.size() > 30);
  }
}

TEST_CASE("only what is not exact has a mark, and each mark is explained") {
  CHECK(marks_of(bit_of(Quality::measured)).empty());
  CHECK(marks_of(static_cast<QualityBits>(bit_of(Quality::measured) | bit_of(Quality::recovered))).empty());
  const auto all = static_cast<QualityBits>(0x1F);
  CHECK(marks_of(all) == "~?*");
  REQUIRE(legend_of(all).size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(legend_of(all)[i].substr(0, 1) == marks_of(all).substr(i, 1));
  CHECK(legend_of(bit_of(Quality::measured)).empty());
  CHECK(names_of(static_cast<QualityBits>(bit_of(Quality::gap) | bit_of(Quality::measured))) ==
        std::vector<std::string>{"measured", "gap"});
}
