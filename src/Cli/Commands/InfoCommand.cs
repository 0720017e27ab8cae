using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using IlgpuSpp.Distributed;
using IlgpuSpp.Distributed.Mpi;
using IlgpuSpp.Engine.Cpu;

namespace IlgpuSpp.Cli.Commands;

/// <summary><c>info</c>: devices and instruction sets.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("info", "Show the devices and the instruction sets.") { json };
        CommandAction.Set(command, (parsed, _) =>
        {
            IReadOnlyList<DeviceListing> devices = Device.List();
            (string? mpi, string? without) = FindMpi();
            string version = typeof(InfoCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
            if (parsed.GetValue(json))
            {
                JsonLine.Write(new InfoAnswer(version, RuntimeInformation.FrameworkDescription, Environment.ProcessorCount, SimdSupport.Widest.ToString(), devices, mpi));
                return ExitCode.Done;
            }
            Say.Line($"ilgpuspp {version}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}");
            Say.Line($"processors     {Environment.ProcessorCount}, instruction set {SimdSupport.Widest}");
            Say.Line("devices");
            foreach (DeviceListing device in devices)
                Say.Line(device.IsAvailable
                    ? string.Create(CultureInfo.InvariantCulture, $"  {device.Name,-11} {device.Hardware}, {device.MemoryBytes / 1073741824.0:F1} GB")
                    : $"  {device.Name,-11} not offered: {device.Unavailable}");
            Say.Line($"MPI            {mpi ?? $"not offered: {without}"}");
            return ExitCode.Done;
        });
        return command;
    }

    private static (string? Library, string? Reason) FindMpi()
    {
        try
        {
            return (MpiCollective.FindLibrary(), null);
        }
        catch (DistributedException reason)
        {
            return (null, reason.Message);
        }
    }
}
