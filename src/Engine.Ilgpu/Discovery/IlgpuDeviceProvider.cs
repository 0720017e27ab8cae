using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>Finds and opens the devices that ILGPU drives.</summary>
internal static class IlgpuDeviceProvider
{
    public const string Simulator = "ilgpu-cpu";

    /// <summary>
    /// The name that opens every OpenCL device, also those that do not report what ILGPU asks for: PoCL, on which the kernels are tested at real sizes. It has numbers of its own.
    /// </summary>
    public const string AnyOpenCl = "any-opencl";

    private const string SimulatorHardware = "ILGPU's simulator on the CPU, for tests of kernels";

    /// <summary>Opens the CUDA card of a number.</summary>
    /// <exception cref="DeviceException">There is no such card, no driver, or the driver is too old.</exception>
    public static IlgpuBackend OpenCuda(int number, DeviceOptions options)
    {
        string name = $"cuda:{number}";
        Context context = Context.Create(builder => builder.Cuda(Usable).Optimize(OptimizationLevel.O2).Profiling());
        CudaDevice card = Numbered(context, context.GetCudaDevices(), number, name, "CUDA card", WhyNoCuda);
        if (card.Architecture is { Major: < 8 })
        {
            try
            {
                RequireFp32(name, options);
            }
            catch (DeviceException)
            {
                context.Dispose();
                throw;
            }
        }
        return Start(name, context, card, options);
    }

    /// <summary>Opens the OpenCL device of a number among those that report what ILGPU asks for, or among all.</summary>
    /// <exception cref="DeviceException">There is no such device or no driver.</exception>
    public static IlgpuBackend OpenOpenCl(int number, DeviceOptions options, bool any = false)
    {
        string name = $"{(any ? AnyOpenCl : "opencl")}:{number}";
        RequireFp32(name, options);
        Context context = Context.Create(builder => builder.OpenCL(device => any || ReportsEnough(device)).Optimize(OptimizationLevel.O2).Profiling());
        CLDevice device = Numbered(context, context.GetCLDevices(), number, name, "OpenCL device", WhyNoOpenCl);
        // PoCL runs kernels with generic pointers but does not say so. ILGPU keeps the answer in a property that only it sets.
        if (any && !device.Capabilities.GenericAddressSpace)
            typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))!.SetValue(device.Capabilities, true);
        return Start(name, context, device, options);
    }

    private static TDevice Numbered<TDevice>(Context context, Context.DeviceCollection<TDevice> devices, int number, string name, string kind, Func<string> whyNone)
        where TDevice : ILGPU.Runtime.Device
    {
        int found = devices.Count;
        if (number < found) return devices[number];
        context.Dispose();
        throw new DeviceException(name, found == 0 ? whyNone() : $"there {(found == 1 ? $"is 1 {kind}" : $"are {found} {kind}s")}, numbered from 0.");
    }

    /// <summary>The number of usable cards of each kind; OpenCL counts GPUs only.</summary>
    public static (int Cuda, int OpenCl) CountGpus() =>
        (CudaDevice.GetDevices(Usable).Length, CLDevice.GetDevices(device => IsGpu(device) && ReportsEnough(device)).Length);

    /// <summary>Every card and the simulator, with a line for each kind that is not offered.</summary>
    public static IEnumerable<DeviceListing> List()
    {
        var cuda = CudaDevice.GetDevices(Usable);
        for (int i = 0; i < cuda.Length; i++) yield return Listing(Describe($"cuda:{i}", cuda[i]));
        if (cuda.IsEmpty) yield return new DeviceListing("cuda", "", 0, 0, WhyNoCuda());
        var openCl = CLDevice.GetDevices(ReportsEnough);
        for (int i = 0; i < openCl.Length; i++) yield return Listing(Describe($"opencl:{i}", openCl[i]));
        if (openCl.IsEmpty) yield return new DeviceListing("opencl", "", 0, 0, WhyNoOpenCl());
        var all = CLDevice.GetDevices(_ => true);
        for (int i = 0; i < all.Length; i++)
            if (all[i] is CLDevice device && !ReportsEnough(device)) yield return Listing(Describe($"{AnyOpenCl}:{i}", device));
        yield return Listing(SimulatorDescription);
    }

    /// <summary>Opens the simulator.</summary>
    public static IlgpuBackend OpenSimulator(DeviceOptions options)
    {
        RequireFp32(Simulator, options);
        // 16 threads a group: the smallest tile of a product. One OS thread stands behind each.
        Context context = Context.Create(builder => builder.CPU(new CPUDevice(4, 4, 1)).Profiling());
        return Start(Simulator, context, context.Devices[0], options);
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

    private static DeviceListing Listing(DeviceDescription device) =>
        new(device.Name, device.Hardware, device.MemoryBytes, device.Parallelism, null);

    private static DeviceDescription Describe(string name, ILGPU.Runtime.Device device) => new(name, device switch
    {
        CudaDevice cuda => $"{cuda.Name}, compute capability {cuda.Architecture?.Major}.{cuda.Architecture?.Minor}, driver for CUDA {cuda.DriverVersion}",
        CLDevice openCl => $"{openCl.Name}, {openCl.DeviceVersion}, {openCl.PlatformName}",
        _ => device.Name,
    }, device.MemorySize, device.NumMultiprocessors);

    private static bool Usable(CudaDevice card) =>
        card.Architecture.HasValue && card.InstructionSet.HasValue && PTXCodeGenerator.SupportedInstructionSets.Contains(card.InstructionSet.Value);

    private static bool ReportsEnough(CLDevice device) =>
        device.CLStdVersion >= ILGPU.Backends.OpenCL.CLBackend.MinimumVersion && device.Capabilities.GenericAddressSpace;

    private static bool IsGpu(CLDevice device) => (device.DeviceType & CLDeviceType.CL_DEVICE_TYPE_GPU) != 0;

    private static string WhyNoCuda()
    {
        string library = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(library, out nint handle))
            return $"no NVIDIA driver was found ({library}); install one or use --device cpu.";
        NativeLibrary.Free(handle);
        return CudaDevice.GetDevices(_ => true).IsEmpty
            ? "the NVIDIA driver shows no card to this process; check nvidia-smi and CUDA_VISIBLE_DEVICES."
            : "the NVIDIA driver is too old or too new for ILGPU 1.5.3; update it or use --device cpu.";
    }

    private static string WhyNoOpenCl()
    {
        string library = OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so";
        if (!NativeLibrary.TryLoad(library, out _))
        {
            return NativeLibrary.TryLoad(library + ".1", out _)
                ? $"ILGPU looks for {library}, and only {library}.1 is here; install ocl-icd-opencl-dev or link the one to the other."
                : $"no OpenCL driver was found ({library}); install one or use --device cpu.";
        }
        return CLDevice.GetDevices(_ => true).IsEmpty
            ? "the OpenCL driver shows no device to this process."
            : $"no OpenCL device reports version 2.0 with a generic address space, which ILGPU needs; {AnyOpenCl} opens one all the same, for tests.";
    }
}
