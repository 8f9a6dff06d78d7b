#include "bench/house_broker.hpp"

#include "mqtt/number_text.hpp"
#include "mqtt/state_payload.hpp"

namespace rbamp::bench {

HouseBroker::HouseBroker(support::House& house) : house_(house), broker_(house.loop()) { options_.seed = 1; }

void HouseBroker::process_starts() {
  auto request = mqtt::connect_request(options_.mqtt, mqtt::Publisher::will(options_.mqtt));
  if (!request) throw std::runtime_error(request.error().detail);
  publisher_.emplace(options_, *request, broker_, house_.loop(), mqtt::PublisherControls{fleet_, settings_}, store_, logger_);
  house_.outputs().add(*publisher_);
  publisher_->start();
}

void HouseBroker::process_dies() {
  house_.outputs().remove(*publisher_);
  publisher_.reset();
  broker_.lose();
}

void HouseBroker::goes_away() {
  broker_.answer = mqtt::FakeBroker::Answer::unreachable;
  broker_.lose();
}

void HouseBroker::comes_back() { broker_.answer = mqtt::FakeBroker::Answer::accept; }

bool HouseBroker::shows(const std::map<std::string, metering::Registers>& ledger) const {
  for (const auto& [channel, registers] : ledger) {
    const auto retained = broker_.retained.find("rbamp/" + channel + "/energy");
    if (retained == broker_.retained.end()) return false;
    const auto shown = mqtt::parse_energy(retained->second);
    if (!shown || shown->import_wh != mqtt::whole_watt_hours(registers.energy_import) ||
        shown->export_wh != mqtt::whole_watt_hours(registers.energy_export))
      return false;
  }
  return !ledger.empty();
}

bool HouseBroker::has_never_fallen() const {
  std::map<std::string, mqtt::ShownRegisters> last;
  for (const auto& [at, message] : broker_.sent) {
    if (!message.topic.ends_with("/energy")) continue;
    const auto shown = mqtt::parse_energy(message.payload);
    if (!shown) return false;
    auto& before = last[message.topic];
    if (shown->import_wh < before.import_wh || shown->export_wh < before.export_wh) return false;
    before = *shown;
  }
  return true;
}

}  // namespace rbamp::bench
