// The MQTT output: shows what is metered on a broker and in Home Assistant, for ever, whatever the broker does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/mqtt.hpp"
#include "log/logger.hpp"
#include "loop/executor.hpp"
#include "loop/scheduler.hpp"
#include "metering/output.hpp"
#include "mqtt/command_desk.hpp"
#include "mqtt/discovery_desk.hpp"
#include "mqtt/incoming.hpp"
#include "mqtt/outbox.hpp"
#include "mqtt/reading_guard.hpp"
#include "mqtt/session.hpp"
#include "mqtt/state_store.hpp"
#include "mqtt/topics.hpp"

namespace rbamp::mqtt {

struct PublisherOptions {
  config::Mqtt mqtt;
  config::HomeAssistant homeassistant;
  std::string software_version;
  std::uint32_t seed = 0;  ///< of jitter; std::random_device in the daemon
};

/// Whom commands reach.
struct PublisherControls {
  metering::FleetControl& fleet;
  metering::SettingControl& settings;
};

/// Loop thread only; no call blocks. Knows the newest state of everything and sends it when there is a broker; while there is none,
/// nothing queues up and memory does not grow. Every state and register message is retained and sent with QoS 1; `period` messages are
/// neither retained nor kept for later.
///
/// Errors of the broker never reach the caller: they are logged at their edges and tried again. The references given must outlive it.
class Publisher final : public metering::Output, private Session::Handler {
 public:
  /// `request` comes from connect_request(); its will must be the one of `will()`.
  Publisher(PublisherOptions options, ConnectRequest request, Connection& connection, loop::Scheduler& scheduler,
            PublisherControls controls, StateStore& store, log::Logger& logger);
  ~Publisher() override;

  /// `offline` on the status topic.
  [[nodiscard]] static Message will(const config::Mqtt& settings);

  void start();
  /// Sends what waits, then `offline`, then DISCONNECT; calls `done` (on the loop, once) after at most `stop_limit`. A broker that
  /// does not answer in time gets the will from us, or none of our words and publishes it itself.
  void stop(std::function<void()> done);
  /// Takes up password and certificates as the files hold them now. Only when they changed there is a new connection, and everything is
  /// unavailable until it stands.
  void refresh();

  void describe(const metering::ModuleDescription& module) override;
  void set_reachable(const std::string& module_id, bool reachable) override;
  void live(const metering::Reading& reading) override;
  void committed(const metering::CommittedModule& module) override;
  void daemon_state(const metering::DaemonState& state) override;
  void removed(const std::string& module_id) override;
  void event(const metering::Event& event) override;
  void demand(const metering::DemandReport& report) override;
  void settings(const metering::ModuleSettings& settings) override;

  /// Removes a module that is gone for good from Home Assistant and everything retained below its topic from the broker.
  /// Errors: request_invalid while it is metered, mqtt_unreachable without a broker, since only the broker knows what it retains.
  [[nodiscard]] Result<void> forget(const std::string& module_id);
  /// Takes over entities that another program announced on `old_topics` (see propose_adoption), with their ids and history: tells Home
  /// Assistant, announces the module under the old identity, and clears the old topics after `take_over_time`. That program must not
  /// run any more. What a lost connection or the end of the process interrupts is done by the next connection.
  /// Errors: request_invalid for a module that is not metered or an adoption that does not fit it, mqtt_unreachable without a broker
  /// or while another one is under way.
  [[nodiscard]] Result<void> take_over(const std::string& module_id, const Adoption& adoption,
                                       std::vector<std::string> old_topics);
  /// Entities that other programs announce, as the broker retains them; `done` after `survey_time`, on the loop, once.
  /// Error: mqtt_unreachable, without a broker, when it goes meanwhile, or while another survey is under way.
  void survey(std::function<void(Result<std::vector<ForeignEntity>>)> done);
  /// The message of a module under its own identity. Error: request_invalid for one that is not metered, or when discovery is off.
  [[nodiscard]] Result<DeviceDocument> document_of(const std::string& module_id) const;
  /// The device messages as published; empty when discovery is off.
  [[nodiscard]] DiscoverySet discovery() const;
  [[nodiscard]] bool is_online() const { return phase_ == Phase::online; }
  /// Why not: half a sentence. Empty when nothing is wrong.
  [[nodiscard]] const std::string& connection_trouble() const { return session_.trouble(); }

  static constexpr Microseconds read_back_limit = std::chrono::seconds{2};         ///< from connected
  static constexpr Microseconds read_back_pause = std::chrono::milliseconds{300};  ///< after the subscription was confirmed
  static constexpr Microseconds acknowledge_limit = std::chrono::seconds{30};
  static constexpr Microseconds offline_limit = std::chrono::milliseconds{300};
  static constexpr Microseconds stop_limit = std::chrono::milliseconds{500};
  static constexpr Microseconds forget_time = std::chrono::seconds{2};
  static constexpr Microseconds survey_time = std::chrono::seconds{1};
  static constexpr std::size_t most_surveyed = 10'000;  ///< entities: the broker may be shared by a whole house
  static constexpr Microseconds take_over_pause = std::chrono::seconds{2};  ///< for Home Assistant to let go of the old topics
  static constexpr Microseconds take_over_time = std::chrono::seconds{7};
  static constexpr std::size_t window = 16;             ///< unacknowledged messages; brokers allow 20 and more
  static constexpr std::size_t most_held_online = 512;  ///< modules: the base topic may be shared with strangers

 private:
  struct Survey {
    std::vector<ForeignEntity> entities;
    std::function<void(Result<std::vector<ForeignEntity>>)> done;
  };
  enum class Phase { offline, reading_back, online, stopping };
  struct ModuleView {
    std::optional<metering::ModuleDescription> description;
    std::optional<bool> is_reachable;
    std::optional<metering::Reading> reading;
    std::vector<metering::RegisterReading> registers;
    std::map<std::string, metering::DemandReport> demands;  ///< by channel
    std::optional<metering::ModuleSettings> settings;
    bool has_new_reading = false;
  };

  void session_up() override;
  void session_down() override;
  void session_message(const Message& message) override;
  void session_delivered(Ticket ticket, const std::string& refusal) override;
  void session_subscribed(const std::string& filter, const std::string& refusal) override;
  void session_closed() override;
  void session_outdated() override;

  void subscribe_discovery();
  void end_read_back();
  [[nodiscard]] bool has_read_all_back() const;
  void go_online();
  [[nodiscard]] bool is_birth(const Message& message) const;
  void birth_seen(const Message& message);
  void on_birth();
  void online_held(const std::string& module_id);
  void setting_wanted(const std::string& topic, const SettingWanted& wanted);
  void hand_over();
  void clear_old_topics();
  void finish_stop();
  void end_survey(const std::optional<Error>& error);

  void put(Rank rank, std::string topic, std::string payload);
  void put_everything(Rank rank_of_status);
  void put_module(ModuleView& view, const std::string& module_id);
  void note_channels(const metering::ModuleDescription& module);
  void clear_former_channels(const metering::ModuleDescription& module);
  void clear_held_channel(const std::string& energy_topic);
  void put_reading(ModuleView& view, const std::string& module_id);
  void put_settings(const ModuleView& view, const std::string& module_id);
  void put_registers(const ModuleView& view, const std::string& module_id);
  void put_status(Rank rank, const ModuleView& view, const std::string& module_id);
  void note_lowered(const metering::CommittedModule& module);
  void flush_live();
  void want_live();
  void tell_held(const std::string& topic, const metering::RegisterReading& ledger, const ShownRegisters& shown);

  void want_pump();
  void pump();
  void put_due_discovery();
  void send(Rank rank, Message message);
  void watch_acknowledgements();

  const PublisherOptions options_;
  const Topics topics_;
  loop::Scheduler& scheduler_;
  log::Logger& logger_;
  std::mt19937 random_;
  CommandDesk commands_;
  std::optional<DiscoveryDesk> discovery_;  ///< none: switched off
  ReadingGuard guard_;
  Outbox outbox_;
  Session session_;

  Phase phase_ = Phase::offline;
  bool has_read_back_ = false;
  bool is_status_owed_ = false;
  bool is_pump_wanted_ = false;
  bool is_refusal_told_ = false;
  std::map<std::string, ModuleView> modules_;
  std::map<std::string, std::set<std::string>> noted_channels_;  ///< by module: described before; the broker may retain them
  std::set<std::string> absent_;                                 ///< not metered, but the broker may still hold `online` for them
  std::optional<metering::DaemonState> daemon_;
  bool has_new_daemon_state_ = false;
  std::set<std::string> told_held_;
  std::set<std::string> lowered_;  ///< energy topics whose register a person has set lower
  std::map<Ticket, BootTime> in_flight_;
  Ticket next_ticket_ = 1;
  std::optional<Ticket> farewell_;
  std::optional<std::string> forgetting_;  ///< front of the topics that are being cleared
  std::optional<Survey> survey_;
  BootTime next_live_{};
  std::function<void()> stopped_;

  loop::Timer read_back_timer_;
  loop::Timer live_timer_;
  loop::Timer discovery_timer_;
  loop::Timer birth_timer_;
  loop::Timer acknowledge_timer_;
  loop::Timer stop_timer_;
  loop::Timer forget_timer_;
  loop::Timer take_over_timer_;
  loop::Timer survey_timer_;
  loop::Alive alive_;
};

}  // namespace rbamp::mqtt
