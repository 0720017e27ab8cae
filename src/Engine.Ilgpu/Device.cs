using System.Globalization;
using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Engine.Ilgpu;

namespace IlgpuSpp;

/// <summary>Opens compute devices by name and lists those there are.</summary>
public static class Device
{
    private const string Names = "use auto, cpu, cuda[:n], opencl[:n], any-opencl[:n] or ilgpu-cpu.";

    /// <summary>Opens a device. The caller disposes it.</summary>
    /// <param name="name">
    /// <c>cpu</c>, <c>cuda[:n]</c>, <c>opencl[:n]</c>, <c>auto</c>: a CUDA card, then an OpenCL GPU, then <c>cpu</c>; or, for tests, <c>ilgpu-cpu</c>, ILGPU's simulator, and
    /// <c>any-opencl[:n]</c>, which also opens OpenCL devices that do not report what ILGPU asks for, such as PoCL.
    /// </param>
    /// <param name="options">Threads, precision and limits; null for the defaults.</param>
    /// <exception cref="OptionsException">An option that the device does not have.</exception>
    /// <exception cref="DeviceException">The name is unknown, or the device is not there or cannot be used; the message says why.</exception>
    public static Backend Open(string name = "auto", DeviceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new DeviceOptions();
        if (options.DeterministicExact && IsName(name))
        {
            OptionCheck.That(name is "auto" or "cpu", nameof(options.DeterministicExact), $"is for the cpu device alone, not for {name}");
            return OpenCpu(options);
        }
        return Parse(name) switch
        {
            ("auto", _) => OpenBest(options),
            ("cpu", _) => OpenCpu(options),
            ("cuda", var number) => IlgpuDeviceProvider.OpenCuda(number, options),
            ("opencl", var number) => IlgpuDeviceProvider.OpenOpenCl(number, options),
            (IlgpuDeviceProvider.AnyOpenCl, var number) => IlgpuDeviceProvider.OpenOpenCl(number, options, any: true),
            (IlgpuDeviceProvider.Simulator, _) => IlgpuDeviceProvider.OpenSimulator(options),
            _ => throw new DeviceException(name, $"there is no device of that name; {Names}"),
        };
    }

    /// <summary>Whether a word can name a device, there or not: <c>auto</c>, <c>cpu</c>, <c>cuda[:n]</c>, <c>opencl[:n]</c>, <c>any-opencl[:n]</c> or <c>ilgpu-cpu</c>.</summary>
    /// <param name="name">The word.</param>
    public static bool IsName(string name) => Parse(name) is not null;

    /// <summary>Every device that can be opened, and one line for each kind that might be expected and is not offered.</summary>
    public static IReadOnlyList<DeviceListing> List()
    {
        using CpuBackend cpu = new(new CpuOptions { Threads = 1 });
        return
        [
            new DeviceListing("cpu", cpu.Device.Hardware, cpu.Device.MemoryBytes, Environment.ProcessorCount, null),
            .. IlgpuDeviceProvider.List(),
        ];
    }

    private static (string Kind, int Number)? Parse(string name)
    {
        string[] parts = name.Split(':');
        int number = 0;
        return (parts[0], parts.Length) switch
        {
            ("auto" or "cpu" or IlgpuDeviceProvider.Simulator, 1) or ("cuda" or "opencl" or IlgpuDeviceProvider.AnyOpenCl, 1) => (parts[0], 0),
            ("cuda" or "opencl" or IlgpuDeviceProvider.AnyOpenCl, 2) when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out number) => (parts[0], number),
            _ => null,
        };
    }

    private static Backend OpenBest(DeviceOptions options)
    {
        var (cuda, openCl) = IlgpuDeviceProvider.CountGpus();
        if (cuda > 0) return IlgpuDeviceProvider.OpenCuda(0, options);
        if (openCl > 0) return IlgpuDeviceProvider.OpenOpenCl(0, options);
        return OpenCpu(options);
    }

    private static CpuBackend OpenCpu(DeviceOptions options)
    {
        if (options.Precision is Precision.Tf32 or Precision.Bf16)
            throw new DeviceException("cpu", $"it has no {options.Precision}; use precision fp32, or a CUDA card of compute capability 8.0 or later.");
        return new CpuBackend(new CpuOptions { Threads = options.Threads, ExactConvolution = options.ExactConvolution, DeterministicExact = options.DeterministicExact });
    }
}

/// <summary>A device that can be opened, or one that might be expected and cannot.</summary>
/// <param name="Name">The name that opens it, e.g. <c>cuda:0</c>; the bare kind (<c>cuda</c>) where none of that kind is offered.</param>
/// <param name="Hardware">The hardware's own name and capability; empty where none is offered.</param>
/// <param name="MemoryBytes">Memory of the device in bytes, 0 where none is offered.</param>
/// <param name="Parallelism">Worker threads of a CPU or multiprocessors of a card, 0 where none is offered.</param>
/// <param name="Unavailable">Why the device is not offered; null where it is.</param>
public sealed record DeviceListing(string Name, string Hardware, long MemoryBytes, int Parallelism, string? Unavailable)
{
    /// <summary>Whether <see cref="Device.Open"/> can open it.</summary>
    public bool IsAvailable => Unavailable is null;
}
