using IlgpuSpp.Engine;
using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp;

/// <summary>Opens compute devices by name and lists those there are.</summary>
public static class Device
{
    /// <summary>Opens a device. The caller disposes it.</summary>
    /// <param name="name">
    /// <c>cpu</c>, <c>cuda[:n]</c>, <c>opencl[:n]</c>, <c>ilgpu-cpu</c>, or <c>auto</c>: a CUDA card, then an OpenCL GPU, then <c>cpu</c>.
    /// </param>
    /// <param name="options">Threads, precision and limits; null for the defaults.</param>
    /// <exception cref="DeviceException">The name is unknown, or the device is not there or cannot be used; the message says why.</exception>
    public static IBackend Open(string name = "auto", DeviceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new DeviceOptions();
        return name switch
        {
            "cpu" or "auto" => OpenCpu(options),
            _ => throw new DeviceException(name, "there is no device of that name; use auto, cpu, cuda[:n], opencl[:n] or ilgpu-cpu."),
        };
    }

    /// <summary>Every device that can be opened, and one line for each kind that might be expected and is not offered.</summary>
    public static IReadOnlyList<DeviceListing> List()
    {
        using CpuBackend cpu = new(new CpuOptions { Threads = 1 });
        return [new DeviceListing("cpu", cpu.Device.Hardware, cpu.Device.MemoryBytes, Environment.ProcessorCount, null)];
    }

    private static CpuBackend OpenCpu(DeviceOptions options) =>
        new(new CpuOptions { Threads = options.Threads, ExactConvolution = options.ExactConvolution });
}
