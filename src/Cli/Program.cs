using IlgpuSpp.Cli;
using IlgpuSpp.Cli.Commands;

RankSelection.LeaveTerminal(args);
return await CommandLine.RunAsync(args);
