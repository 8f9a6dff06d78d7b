// Physical quantities as types: only the products that physics allows exist, and nothing turns into a double by itself.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace rbamp {

template <class Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}
  [[nodiscard]] constexpr double value() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity{-value_}; }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity{a.value_ + b.value_}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity{a.value_ - b.value_}; }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity{a.value_ * k}; }
  friend constexpr Quantity operator*(double k, Quantity a) { return Quantity{a.value_ * k}; }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity{a.value_ / k}; }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }

 private:
  double value_ = 0.0;
};

using Volts = Quantity<struct VoltsTag>;
using Amperes = Quantity<struct AmperesTag>;
using Watts = Quantity<struct WattsTag>;              ///< active power; positive is import
using Vars = Quantity<struct VarsTag>;                ///< reactive power; positive is inductive
using VoltAmperes = Quantity<struct VoltAmperesTag>;  ///< apparent power
using Hertz = Quantity<struct HertzTag>;
using PowerFactor = Quantity<struct PowerFactorTag>;  ///< -1..1, sign follows the active power
using WattHours = Quantity<struct WattHoursTag>;
using Hours = std::chrono::duration<double, std::ratio<3600>>;

constexpr WattHours operator*(Watts power, Hours time) { return WattHours{power.value() * time.count()}; }
constexpr VoltAmperes operator*(Volts voltage, Amperes current) { return VoltAmperes{voltage.value() * current.value()}; }

/// Energy as the ledger holds it: whole micro-watt-hours. int64 holds 9.2 million megawatt-hours.
class MicroWattHours {
 public:
  constexpr MicroWattHours() = default;
  constexpr explicit MicroWattHours(std::int64_t value) : value_(value) {}
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }
  [[nodiscard]] constexpr WattHours to_watt_hours() const { return WattHours{static_cast<double>(value_) * 1e-6}; }

  constexpr auto operator<=>(const MicroWattHours&) const = default;
  constexpr MicroWattHours& operator+=(MicroWattHours other) {
    value_ += other.value_;
    return *this;
  }
  friend constexpr MicroWattHours operator+(MicroWattHours a, MicroWattHours b) { return MicroWattHours{a.value_ + b.value_}; }
  friend constexpr MicroWattHours operator-(MicroWattHours a, MicroWattHours b) { return MicroWattHours{a.value_ - b.value_}; }

 private:
  std::int64_t value_ = 0;
};

inline namespace literals {
constexpr Watts operator""_W(long double v) { return Watts{static_cast<double>(v)}; }
constexpr WattHours operator""_Wh(long double v) { return WattHours{static_cast<double>(v)}; }
constexpr Volts operator""_V(long double v) { return Volts{static_cast<double>(v)}; }
constexpr Amperes operator""_A(long double v) { return Amperes{static_cast<double>(v)}; }
}  // namespace literals

static_assert(1000.0_W * std::chrono::minutes{30} == 500.0_Wh);

}  // namespace rbamp
