namespace IlgpuSpp.Cli.Commands;

/// <summary>The command line asks for something that makes no sense together.</summary>
internal sealed class UsageException(string message) : IlgpuSppException(message);
