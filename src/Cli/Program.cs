using IlgpuSpp.Cli;

return await CommandLine.RunAsync(args);
