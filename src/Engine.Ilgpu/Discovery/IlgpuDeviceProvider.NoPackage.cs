#if !ILGPU
namespace IlgpuSpp.Engine.Ilgpu;

internal static partial class IlgpuDeviceProvider
{
    private const string SimulatorHardware = "the ILGPU stand-in on the CPU, for tests of kernels";

    private const string WithoutPackage = "this build has no ILGPU: its package could not be restored. Build where NuGet offers ILGPU 1.5.3, or use --device cpu.";

    public static IlgpuBackend OpenCuda(int number, DeviceOptions options) => throw new DeviceException($"cuda:{number}", WithoutPackage);

    public static IlgpuBackend OpenOpenCl(int number, DeviceOptions options) => throw new DeviceException($"opencl:{number}", WithoutPackage);

    public static (int Cuda, int OpenCl) CountGpus() => (0, 0);

    private static IEnumerable<DeviceListing> ListCards() =>
    [
        new DeviceListing("cuda", "", 0, 0, WithoutPackage),
        new DeviceListing("opencl", "", 0, 0, WithoutPackage),
    ];

    private static DeviceDescription Describe(string name, ILGPU.Runtime.Device device) => new(name, device.Name, device.MemorySize, device.NumMultiprocessors);
}
#endif
