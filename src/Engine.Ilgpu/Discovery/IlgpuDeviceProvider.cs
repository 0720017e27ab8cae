using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>Finds and opens the devices that ILGPU drives. CUDA and OpenCL are in the other part, present only with the package.</summary>
internal static partial class IlgpuDeviceProvider
{
    public const string Simulator = "ilgpu-cpu";

    /// <summary>Opens the simulator.</summary>
    public static IlgpuBackend OpenSimulator(DeviceOptions options)
    {
        RequireFp32(Simulator, options);
        // 16 threads a group: the smallest tile of a product. One OS thread stands behind each.
        Context context = Context.Create(builder => builder.CPU(new CPUDevice(4, 4, 1)).Profiling());
        return Start(Simulator, context, context.Devices[0], options);
    }

    /// <summary>The simulator and every card, with a line for each kind that is not offered.</summary>
    public static IEnumerable<DeviceListing> List()
    {
        foreach (DeviceListing card in ListCards()) yield return card;
        DeviceDescription simulator = SimulatorDescription;
        yield return new DeviceListing(simulator.Name, simulator.Hardware, simulator.MemoryBytes, simulator.Parallelism, null);
    }

    private static DeviceDescription SimulatorDescription =>
        new(Simulator, SimulatorHardware, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, 1);

    private static IlgpuBackend Start(string name, Context context, ILGPU.Runtime.Device device, DeviceOptions options)
    {
        try
        {
            Accelerator accelerator = device.CreateAccelerator(context);
            DeviceDescription description = name == Simulator ? SimulatorDescription : Describe(name, device);
            return new IlgpuBackend(context, accelerator, description, options);
        }
        catch (Exception error) when (error is not DeviceException)
        {
            // Whatever a driver does: a missing library or entry point, a feature that is not there, a failed call.
            context.Dispose();
            throw new DeviceException(name, $"it cannot be used: {error.Message} Update its driver or use --device cpu.", error);
        }
    }

    private static void RequireFp32(string name, DeviceOptions options)
    {
        if (options.Precision is Precision.Tf32 or Precision.Bf16)
            throw new DeviceException(name, $"it has no {options.Precision}; use a CUDA card of compute capability 8.0 or later, or precision fp32.");
    }
}
