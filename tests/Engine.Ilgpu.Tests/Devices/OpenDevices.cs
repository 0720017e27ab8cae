using System.Collections.Concurrent;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>Each device opened once for all tests, and why it is not there where it is not.</summary>
public static class OpenDevices
{
    private static readonly Lazy<Backend> s_exactCpu = new(() => Device.Open("cpu", new DeviceOptions { ExactConvolution = true }));

    private static readonly ConcurrentDictionary<string, Lazy<(Backend? Backend, string? Reason)>> s_devices = new();

    /// <summary>
    /// The cpu device without the Winograd transform, whose rounding errors are ten times those of a plain sum: what other
    /// devices are compared with.
    /// </summary>
    public static Backend ExactCpu => s_exactCpu.Value;

    /// <summary>The opened device.</summary>
    public static Backend Get(string name) => Find(name).Backend ?? throw new InvalidOperationException(Find(name).Reason);

    /// <summary>Why a device is not there; null where it is.</summary>
    public static string? Missing(string name) => Find(name).Reason;

    private static (Backend? Backend, string? Reason) Find(string name) => s_devices.GetOrAdd(name, n => new(() =>
    {
        IndexAssertions.Install();
        try
        {
            return (Device.Open(n), null);
        }
        catch (DeviceException error)
        {
            return (null, error.Message);
        }
    })).Value;
}

/// <summary>A theory that needs a device: reported as skipped, with the reason, where the device is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DeviceTheoryAttribute : TheoryAttribute
{
    public DeviceTheoryAttribute(string device) => Skip = OpenDevices.Missing(device);
}

/// <summary>A fact that needs a device.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DeviceFactAttribute : FactAttribute
{
    public DeviceFactAttribute(string device) => Skip = OpenDevices.Missing(device);
}
