using IlgpuSpp.KernelTool;

// usage, from the repository root:
//   dotnet run --project eng/Kernels -- FOLDER   assembles the PTX texts of a folder and prints tables (eng/ptx-table.sh)
switch (args)
{
    case [string folder]:
        return AssemblyTable.Print(folder, Console.Out, Console.Error);
    default:
        Console.Error.WriteLine("usage: FOLDER");
        return 2;
}
