import AGSWire
import Testing

@Test func guestPathsAreAbsolute() { #expect(GuestPath.shim.hasPrefix("/opt/ags/bin/")) }
